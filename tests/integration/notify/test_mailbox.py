"""The local mailbox: real SMTP into a table, SMS and WhatsApp beside it."""

import asyncio
from smtplib import SMTP

import pytest

from services.notify import store
from services.notify.settings import NotifySettings
from shared.city import City
from shared.contracts.vocabulary import AnswerKind, ContactKind, Fact, Outcome
from tests.integration.notify.cases import Case
from tests.integration.notify.room import open_room


async def test_it_keeps_what_was_sent_by_every_channel_newest_first(local: NotifySettings, city: City) -> None:
    cases = [Case(1, ContactKind.EMAIL), Case(2, ContactKind.SMS), Case(3, ContactKind.WHATSAPP)]
    async with open_room(local, city) as room:
        for count, case in enumerate(cases, start=1):
            await room.tell(case.contact(), case.fact(1, Fact.RESOLVED), case.answer(1, "Sudah bersih.", AnswerKind.RESULT))
            ended = await room.outcomes(count)
        async with room.database.pool.acquire() as connection:
            mails, total = await store.newest_messages(connection, 2)
    assert {one.outcome for one in ended} == {Outcome.SENT}
    assert total == 3
    assert [(mail.kind, mail.address, mail.tracking_code) for mail in mails] == [
        (case.kind, case.address, case.code) for case in reversed(cases[1:])
    ]
    assert all(mail.subject == "" and f"{local.intake_url}/t/{mail.tracking_code}" in mail.body for mail in mails)
    assert "DPUPR" in mails[0].body, "a short message gives the agency's short name"


async def test_a_foreign_e_mail_is_kept_but_belongs_to_no_aspiration(local: NotifySettings, city: City) -> None:
    def post() -> None:
        with SMTP("127.0.0.1", local.mailbox_port) as client:
            for _ in range(2):
                client.sendmail("a@b.example", ["c@d.example"], b"Subject: Halo\r\n\r\nApa kabar?\r\n")

    async with open_room(local, city) as room:
        await room.tell(*Case(1).received())
        await room.outcomes(1)  # the port is open by now
        await asyncio.to_thread(post)
        async with room.database.pool.acquire() as connection:
            mails, total = await store.newest_messages(connection, 10)
    assert total == 3
    assert [(mail.subject, mail.body.strip(), mail.tracking_code) for mail in mails[:2]] == [("Halo", "Apa kabar?", "")] * 2


async def test_an_e_mail_that_arrives_twice_is_there_twice(local: NotifySettings, city: City) -> None:
    """The mailbox must not hide a double from whoever counts."""

    def post() -> None:
        with SMTP("127.0.0.1", local.mailbox_port) as client:
            for _ in range(2):
                client.sendmail("a@b.example", ["c@d.example"], b"Message-ID: <1@b.example>\r\n\r\nApa kabar?\r\n")

    async with open_room(local, city) as room:
        await room.tell(*Case(1).received())
        await room.outcomes(1)
        await asyncio.to_thread(post)
        assert await room.database.pool.fetchval("SELECT count(*) FROM mailbox") == 3


async def test_it_keeps_the_newest_and_forgets_the_oldest(
    local: NotifySettings, city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MAILBOX_KEEPS", 3)
    cases = [Case(number, ContactKind.SMS) for number in range(1, 6)]
    async with open_room(local, city) as room:
        for number, case in enumerate(cases, start=1):
            await room.tell(*case.received())
            await room.outcomes(number)
        async with room.database.pool.acquire() as connection:
            mails, total = await store.newest_messages(connection, 10)
    assert total == 3
    assert [mail.address for mail in mails] == [case.address for case in cases[:1:-1]]
