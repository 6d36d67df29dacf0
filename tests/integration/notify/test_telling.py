"""What citizens are told, and that they are told it once and in order."""

import itertools
from collections import Counter
from email.utils import parsedate_to_datetime

import pytest

from services.notify.settings import NotifySettings
from shared.city import City
from shared.contracts.envelope import Record
from shared.contracts.vocabulary import AnswerKind, ContactKind, Fact, Language, Outcome
from tests.integration.notify.cases import RECEIVED, Case, received
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.room import open_room


async def test_an_e_mail_says_who_sends_it_when_in_which_language_and_that_a_machine_does(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    async with open_room(settings, city) as room:
        await room.tell(*Case(1, language=Language.EN).received())
        await room.outcomes(1)
    message = mail.seen[0]
    assert message["From"] == "Kota Tangerang <no-reply@serap.example>"
    assert message["To"] == "warga1@contoh.example"
    assert message["Subject"] == "We have your report: TGR-TEST-1"
    assert message["Message-ID"] == f"<{Case(1).id}.1@serap.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "en"
    assert message.get_content_type() == "text/plain"
    assert message.get_content_charset() == "utf-8"
    assert parsedate_to_datetime(message["Date"]) > RECEIVED
    assert "Monday, 30 November 2026" in message.get_content()
    assert mail.raw[0].isascii(), "not every server takes eight bits"


HALVES = (Case(1).contact(), Case(1).fact(1, Fact.PROGRESSED), Case(1).answer(1, "Sedang kami kerjakan."))


@pytest.mark.parametrize("order", list(itertools.permutations(HALVES)), ids=lambda order: "-".join(r.topic[:6] for r in order))
async def test_the_halves_of_a_notice_may_come_in_any_order(
    settings: NotifySettings, city: City, mail: MailServer, order: tuple[Record, ...]
) -> None:
    async with open_room(settings, city) as room:
        for half in order:
            assert await room.published() == []
            await room.tell(half)
        assert await room.endings(1) == [(1, Outcome.SENT, None)]
    assert "Sedang kami kerjakan." in mail.seen[0].get_content()


async def test_everything_delivered_again_in_another_order_tells_nobody_twice(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    cases = [Case(number) for number in range(40)]
    facts = [case.fact(ver, fact) for case in cases for ver, fact in enumerate((Fact.RECEIVED, Fact.ACCEPTED, Fact.RESOLVED), 1)]
    contacts = [case.contact() for case in cases]
    answers = [case.answer(3, "Selesai.", AnswerKind.RESULT) for case in cases]
    async with open_room(settings, city) as room:
        await room.tell(*facts, *facts, *contacts, *answers, *contacts)
        await room.outcomes(80)
    async with open_room(settings, city) as room:
        await room.tell(*answers, *reversed(facts), *contacts, *facts, *answers, *received(99))
        await room.outcomes(81)
    assert Counter(mail.addressees) == {case.address: 2 for case in cases} | {Case(99).address: 1}


async def test_an_aspirations_notices_go_out_in_the_order_of_ver_though_its_facts_came_backwards(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    case = Case(1)
    facts = [Fact.RECEIVED, Fact.ASSIGNED, Fact.ACCEPTED, Fact.PROGRESSED, Fact.RESOLVED, Fact.CONFIRMED]
    async with open_room(settings, city) as room:
        await room.tell(case.contact(), case.answer(5, "Selesai.", AnswerKind.RESULT), case.answer(4, "Dikerjakan."))
        for ver, fact in reversed(list(enumerate(facts, start=1))):
            assert mail.seen == []
            await room.tell(case.fact(ver, fact))
        ended = await room.outcomes(5)
    assert [one.ver for one in ended] == [1, 2, 4, 5, 6], "accepted is not told"
    assert mail.vers == [1, 2, 4, 5, 6]


async def test_who_cannot_be_told_is_suppressed_with_the_reason_and_without_waiting_for_an_answer(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    silent = {
        Case(1, ContactKind.NONE): "no_contact",
        Case(2, consent=False): "no_consent",
        Case(3, ContactKind.SMS): "no_provider",
        Case(4, ContactKind.WHATSAPP): "no_provider",
    }
    async with open_room(settings, city) as room:
        for case in silent:
            await room.tell(case.fact(1, Fact.RECEIVED), case.fact(2, Fact.ASKED), case.contact())
        ended = await room.outcomes(8)
    assert {(one.aspiration_id, one.ver): (one.kind, one.outcome, one.reason) for one in ended} == {
        (case.id, ver): (case.kind, Outcome.SUPPRESSED, reason) for case, reason in silent.items() for ver in (1, 2)
    }
    assert mail.seen == []


async def test_what_was_ready_for_a_carrier_that_is_no_more_is_suppressed(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    await mail.stop()
    async with open_room(settings, city) as room:
        await room.tell(*Case(1).received())
        await room.published()
    async with open_room(settings.model_copy(update={"smtp_url": ""}), city) as room:
        assert await room.endings(1) == [(1, Outcome.SUPPRESSED, "no_provider")]


async def test_a_refusal_of_the_citizens_own_step_is_not_the_answer_of_a_fact(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    case = Case(1)
    async with open_room(settings, city) as room:
        await room.tell(case.contact(), case.fact(1, Fact.PROGRESSED), case.answer(1, "Tidak bisa.", AnswerKind.REFUSAL))
        await room.tell(*received(2))
        await room.outcomes(1)
        assert mail.addressees == [Case(2).address]
        await room.tell(case.answer(1, "Dikerjakan."))
        await room.outcomes(2)
    assert "Dikerjakan." in mail.seen[1].get_content()


async def test_an_agencys_words_are_forgotten_once_they_were_told(settings: NotifySettings, city: City, mail: MailServer) -> None:
    case = Case(1)
    async with open_room(settings, city) as room:
        await room.tell(case.contact(), case.fact(1, Fact.PROGRESSED), case.answer(1, "Dikerjakan."))
        await room.outcomes(1)
        await room.tell(case.answer(1, "Dikerjakan."))
        assert await room.database.pool.fetchval("SELECT count(*) = 1 AND bool_and(text IS NULL) FROM answers")


async def test_nothing_in_an_address_or_an_answer_can_add_a_header(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    evil = "Baik.\r\nBcc: semua@kota.example\r\n\r\n.\r\nMAIL FROM:<x@y.example>"
    bad = [
        "a@b.example\r\nRCPT TO:<x@y.example>",
        "warga@contoh.example>\r\nBcc: x@y.example",
        "siapa saja",
        "böse@contoh.example",
    ]
    async with open_room(settings, city) as room:
        await room.tell(Case(1).contact(), Case(1).fact(1, Fact.PROGRESSED), Case(1).answer(1, evil))
        for number, address in enumerate(bad, start=2):
            await room.tell(Case(number).contact(address), Case(number).fact(1, Fact.RECEIVED))
        ended = await room.outcomes(5)
    assert Counter((one.outcome, one.reason) for one in ended) == {(Outcome.SENT, None): 1, (Outcome.FAILED, "bad_address"): 4}
    assert len(mail.seen) == 1
    assert mail.seen[0]["Bcc"] is None
    assert "Bcc: semua@kota.example" in mail.seen[0].get_content()


async def test_an_international_domain_is_written_so_that_every_server_takes_it(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    async with open_room(settings, city) as room:
        await room.tell(Case(1).contact("warga@münchen.example"), Case(1).fact(1, Fact.RECEIVED))
        assert await room.endings(1) == [(1, Outcome.SENT, None)]
    assert mail.addressees == ["warga@xn--mnchen-3ya.example"]
