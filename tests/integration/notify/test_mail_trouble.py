"""Every way in which a mail server can fail, and what citizens and reporting are told of it."""

from collections import Counter

import pytest

from services.notify.domain import attempt
from services.notify.settings import NotifySettings
from shared.city import City
from shared.contracts.vocabulary import Fact, Outcome
from tests.integration.notify.cases import Case, received
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.room import open_room
from tests.waiting import eventually, until_async


@pytest.mark.parametrize("where", ["rcpt", "data"])
async def test_what_a_server_refuses_for_good_fails_with_its_code(
    settings: NotifySettings, city: City, mail: MailServer, where: str
) -> None:
    mail.answers[Case(1).address if where == "rcpt" else "data"] = "554 no"
    async with open_room(settings, city) as room:
        await room.tell(*received(1))
        assert await room.endings(1) == [(1, Outcome.FAILED, "smtp_554")]


@pytest.mark.parametrize("where", ["rcpt", "data"])
async def test_a_busy_server_is_asked_again_until_it_takes_the_message_and_nobody_else_waits(
    settings: NotifySettings, city: City, mail: MailServer, where: str
) -> None:
    mail.answers[Case(1).address if where == "rcpt" else "data"] = "451 busy"
    async with open_room(settings, city) as room:
        await room.tell(*received(1))
        await until_async("several attempts", lambda: mail.connections > 1)
        mail.answers.pop("data", None)
        if where == "rcpt":
            await room.tell(*received(2))
            await room.outcomes(1)
            assert mail.addressees == [Case(2).address]
        mail.answers.clear()
        ended = await room.outcomes(2 if where == "rcpt" else 1)
    assert {one.outcome for one in ended} == {Outcome.SENT}


async def test_an_operators_mistake_in_the_password_fails_no_citizens_message(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    wrong = settings.model_copy(update={"smtp_url": mail.url.replace("//", "//serap:wrong@")})
    async with open_room(wrong, city) as room:
        await room.tell(*received(1))
        await until_async("an attempt", lambda: mail.connections > 0)
    async with open_room(settings, city) as room:
        assert await room.endings(1) == [(1, Outcome.SENT, None)]


async def test_a_server_that_was_away_gets_everything_once_when_it_comes_back(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    await mail.stop()
    async with open_room(settings, city) as room:
        await room.tell(*received(*range(30)))

        async def put_off() -> bool:
            return bool(await room.database.pool.fetchval("SELECT bool_or(next_at > ready_at) FROM notices"))

        await eventually("notices that were put off", put_off)
        await mail.start()
        ended = await room.outcomes(30)
    assert {one.outcome for one in ended} == {Outcome.SENT}
    assert Counter(mail.addressees) == {Case(number).address: 1 for number in range(30)}


async def test_a_connection_that_the_server_closed_meanwhile_costs_no_message(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    async with open_room(settings, city) as room:
        await room.tell(*received(1))
        await room.outcomes(1)
        mail.hang_up()
        await room.tell(*received(2))
        ended = await room.outcomes(2)
        assert await room.database.pool.fetchval("SELECT max(tries) FROM notices") == 0, "it was put off"
    assert {one.outcome for one in ended} == {Outcome.SENT}


async def test_a_message_that_nobody_takes_for_a_day_fails(
    settings: NotifySettings, city: City, mail: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "PATIENCE", attempt.FIRST_DELAY)
    await mail.stop()
    async with open_room(settings, city) as room:
        await room.tell(*received(1))
        assert await room.endings(1) == [(1, Outcome.FAILED, "gave_up")]


async def test_a_connection_lost_after_data_began_is_unknown_and_the_message_is_not_sent_again(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    mail.after_data = "drop"
    async with open_room(settings, city) as room:
        await room.tell(*received(1))
        await room.outcomes(1)
        mail.after_data = "take"
        await room.tell(Case(1).fact(2, Fact.ASSIGNED))
        assert await room.endings(2) == [(1, Outcome.UNKNOWN, "connection_lost"), (2, Outcome.SENT, None)]
    assert mail.vers == [1, 2]
