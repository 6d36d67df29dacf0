"""What intake keeps of routing's facts and the agencies' answers: once each, in any order, of anybody."""

from uuid import UUID

from shared.contracts.vocabulary import AnswerKind, Fact, Status
from tests.integration.intake.citizens import answer, fact, intake, resolved
from tests.stack import Postgres

STRANGER = UUID(int=7)


async def test_facts_and_answers_count_once_in_any_order(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        facts = resolved(STRANGER)
        said = answer(STRANGER, 4, AnswerKind.RESULT, "Selesai.")
        await counter.answers(said, said)
        await counter.facts(*facts[::-1], *facts)
        await counter.facts(*facts, fact(STRANGER, 5, Fact.CONFIRMED, Status.CLOSED))
        await counter.answers(said)
        assert await counter.query("SELECT count(*) FROM facts") == [(5,)]
        assert await counter.query("SELECT count(*) FROM answers") == [(1,)]


async def test_facts_of_an_unknown_aspiration_are_there_when_the_aspiration_is(postgres: Postgres) -> None:
    async with intake(postgres) as counter:
        await counter.facts(*resolved(STRANGER))
        slip = await counter.hand_in()
        await counter.query("UPDATE aspirations SET id = $1", STRANGER)
        assert "menyatakan ini selesai" in (await counter.client.get(f"/t/{slip.code}")).text
