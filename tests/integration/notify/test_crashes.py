"""Crashes between claiming, sending and recording: never a second message, and unknown only where nobody can know."""

import asyncio
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from services.notify import sender
from services.notify.settings import NotifySettings
from shared.city import City
from shared.contracts.vocabulary import Fact, Outcome
from tests.integration.notify.cases import Case, received
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.room import open_room
from tests.stack import Postgres
from tests.waiting import eventually, until_async


@contextmanager
def sender_process(settings: NotifySettings) -> Iterator["subprocess.Popen[bytes]"]:
    """A sender in a process of its own; killed at the end."""
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "SMTP_URL": settings.smtp_url,
        "CITY": str(settings.city),
    }
    child = subprocess.Popen([sys.executable, "-m", "tests.integration.notify.sending"], env=environment)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


async def test_a_sender_killed_between_sending_and_recording_leaves_unknown_and_no_second_mail(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    async with open_room(settings.model_copy(update={"smtp_url": "smtp://127.0.0.1:1"}), city) as room:
        await room.tell(*received(1), Case(1).fact(2, Fact.ASSIGNED))
    mail.after_data = "hold"
    with sender_process(settings):
        await until_async("the message at the server", lambda: len(mail.seen) == 1)
    mail.after_data = "take"
    async with open_room(settings, city) as room:
        assert await room.endings(2) == [(1, Outcome.UNKNOWN, "crash"), (2, Outcome.SENT, None)]
    assert mail.vers == [1, 2]


async def test_a_second_sender_does_not_touch_what_the_first_has_in_its_hands(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    mail.after_data = "hold"
    async with open_room(settings, city) as first:
        await first.tell(*received(1))
        await until_async("the message at the server", lambda: len(mail.seen) == 1)
        async with open_room(settings, city) as second:
            await second.tell(Case(1).fact(2, Fact.ASSIGNED))
            await until_async("the second to ask for the lock", lambda: second.parts.sender.leads is not None)
            assert await second.published() == []
            mail.let_go()
            assert await second.endings(2) == [(1, Outcome.SENT, None), (2, Outcome.SENT, None)]
    assert mail.vers == [1, 2]


async def test_two_senders_at_once_send_nothing_twice(settings: NotifySettings, city: City, mail: MailServer) -> None:
    async with open_room(settings, city) as first, open_room(settings, city) as second:
        await first.tell(*received(*range(150)))
        await second.tell(*received(*range(50, 200)))
        ended = await first.outcomes(200)
    assert {one.outcome for one in ended} == {Outcome.SENT}
    assert Counter(mail.addressees) == {Case(number).address: 1 for number in range(200)}


async def test_a_stop_in_mid_work_lets_letters_arrive_and_leaves_nothing_unknown(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    async with open_room(settings, city) as room:
        await room.tell(*received(*range(300)))
        await until_async("some letters", lambda: len(mail.seen) > 20)
    assert len(mail.seen) < 300, "stopped too late to show anything"
    async with open_room(settings, city) as room:
        ended = await room.outcomes(300)
    assert {one.outcome for one in ended} == {Outcome.SENT}
    assert Counter(mail.addressees) == {Case(number).address: 1 for number in range(300)}


async def test_a_stop_waits_for_the_answer_to_a_letter_that_is_under_way(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    mail.after_data = "hold"
    async with open_room(settings, city) as room:
        await room.tell(*received(1))
        await until_async("the message at the server", lambda: len(mail.seen) == 1)
        asyncio.get_running_loop().call_later(0.3, mail.let_go)
    async with open_room(settings, city) as room:
        assert await room.endings(1) == [(1, Outcome.SENT, None)]
    assert len(mail.seen) == 1


async def test_what_was_claimed_but_never_begun_goes_back_when_the_sender_stops_and_when_it_comes_back(
    settings: NotifySettings, city: City, mail: MailServer
) -> None:
    """A connection that breaks during a commit leaves claims of which the sender does not know."""
    claim = "UPDATE notices SET state = 'claimed', claimed_by = $1 WHERE state = 'waiting'"
    async with open_room(settings, city) as room:
        await room.tell(Case(1).fact(1, Fact.RECEIVED))
        await until_async("the lock", lambda: room.parts.sender.leads is True)
        await room.database.pool.execute(claim, room.parts.sender.run_id)
    connection = await asyncpg.connect(settings.database_url)
    assert await connection.fetchval("SELECT state FROM notices") == "ready"
    await connection.execute("UPDATE notices SET state = 'waiting'")
    await connection.execute("SELECT pg_advisory_lock($1)", sender._LOCK)  # so that nobody leads yet
    async with open_room(settings, city) as room:
        await room.database.pool.execute(claim, room.parts.sender.run_id)
        await room.database.pool.execute("UPDATE notices SET kind = 'email', ready_at = now(), next_at = now()")
        await room.tell(Case(1).contact())
        await connection.close()  # gives the lock back
        assert await room.endings(1) == [(1, Outcome.SENT, None)]


async def test_postgres_killed_in_mid_work_loses_and_doubles_no_message(
    settings: NotifySettings, city: City, mail: MailServer, postgres: Postgres
) -> None:
    async with open_room(settings, city) as room:
        await room.tell(*received(*range(300)))
        await until_async("some letters", lambda: len(mail.seen) > 20)
        postgres.server.kill()
        postgres.server.start()

        async def answers() -> bool:
            try:
                await room.database.check()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                return False
            return True

        await eventually("the database to answer", answers)
        ended = await room.outcomes(300)
    assert {one.outcome for one in ended} == {Outcome.SENT}
    assert Counter(mail.addressees) == {Case(number).address: 1 for number in range(300)}
