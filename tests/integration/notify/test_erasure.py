"""A tombstone: the address is forgotten, what waits is suppressed, and neither comes back."""

from services.notify.settings import NotifySettings
from shared.city import City
from shared.contracts.vocabulary import ContactKind, Fact, Outcome
from tests.integration.notify.cases import Case
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.room import open_room
from tests.waiting import until_async


async def test_what_waits_is_suppressed_and_the_address_is_gone_for_good(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    case = Case(1)
    async with open_room(settings, city) as room:
        await room.tell(case.contact(), case.fact(1, Fact.RECEIVED), case.fact(2, Fact.ASKED))
        await room.outcomes(1)
        await room.tell(case.erased())
        await room.outcomes(2)
        # Everything again, as after a broker that lost its log, and what came late.
        await room.tell(case.contact(), case.answer(2, "Di mana tepatnya?"), case.fact(3, Fact.ASSIGNED))
        ended = await room.outcomes(3)
        contact = await room.database.pool.fetchrow("SELECT kind, address, tracking_code FROM contacts")
        answer = await room.database.pool.fetchrow("SELECT text FROM answers")
    assert [(one.ver, one.kind, one.outcome, one.reason) for one in ended] == [
        (1, ContactKind.EMAIL, Outcome.SENT, None),
        (2, ContactKind.ERASED, Outcome.SUPPRESSED, "erased"),
        (3, ContactKind.ERASED, Outcome.SUPPRESSED, "erased"),
    ]
    assert len(mail.seen) == 1
    assert contact is not None
    assert tuple(contact) == ("erased", None, "")
    assert answer is not None
    assert answer["text"] is None


async def test_a_tombstone_in_the_batch_of_its_contact_wins(settings: NotifySettings, city: City, mail: MailServer) -> None:
    case = Case(1)
    async with open_room(settings, city) as room:
        await room.tell(case.erased(), case.contact(), case.fact(1, Fact.RECEIVED))
        assert await room.endings(1) == [(1, Outcome.SUPPRESSED, "erased")]


async def test_a_tombstone_reaches_a_notice_that_was_put_off(settings: NotifySettings, city: City, mail: MailServer) -> None:
    case = Case(1)
    mail.answers[case.address] = "451 try again"
    async with open_room(settings, city) as room:
        await room.tell(*case.received())
        await until_async("an attempt", lambda: mail.connections > 0)
        await room.tell(case.erased())
        assert await room.endings(1) == [(1, Outcome.SUPPRESSED, "erased")]
    assert mail.seen == []


async def test_erasure_takes_the_messages_out_of_the_local_mailbox(local: NotifySettings, city: City) -> None:
    async with open_room(local, city) as room:
        await room.tell(*Case(1).received(), *Case(2, ContactKind.SMS).received(), *Case(3).received())
        await room.outcomes(3)
        await room.tell(Case(1).erased(), Case(2).erased())
        left = await room.database.pool.fetch("SELECT address FROM mailbox")
    assert [row["address"] for row in left] == [Case(3).address]
