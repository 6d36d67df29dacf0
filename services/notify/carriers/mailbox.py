"""The local mailbox: plays the citizens' mailboxes and phones, so that a demonstration tells nobody outside.

E-mail comes in by real SMTP; SMS and WhatsApp messages go straight into the same table.
"""

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from uuid import UUID, uuid4
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from services.notify import store
from services.notify.carriers.smtp import message_id
from services.notify.domain.attempt import Attempt, Ended, NotNow
from services.notify.domain.message import Letter
from shared.contracts.vocabulary import ContactKind, Outcome
from shared.runtime.logs import describe
from shared.runtime.postgres import Database, is_unavailable

log = logging.getLogger(__name__)
LOCAL_DOMAIN = "mailbox.serap.example"


class Mailbox:
    """Carries SMS and WhatsApp by keeping them, and receives e-mail on a port of this machine."""

    kinds: Collection[ContactKind] = frozenset({ContactKind.SMS, ContactKind.WHATSAPP})

    def __init__(self, database: Database, host: str, port: int) -> None:
        self._database, self._host, self._port = database, host, port
        self._connections: WeakSet[SMTP] = WeakSet()

    async def send(self, letter: Letter) -> Attempt:
        """Keeps the message. Storing it twice is storing it once, so the database's trouble may be waited out."""
        try:
            await self._store(message_id(letter, LOCAL_DOMAIN), letter.aspiration_id, letter.kind, letter.to, "", letter.body)
        except Exception as error:
            if not is_unavailable(error):
                raise
            return NotNow("database_away")
        return Ended(Outcome.SENT)

    async def rest(self) -> None:
        """Holds nothing open."""

    async def run(self) -> None:
        """Receives e-mail until cancelled. OSError where the port is taken."""
        # aiosmtpd logs every address and every subject of a conversation.
        logging.getLogger("mail").setLevel(logging.CRITICAL)
        loop = asyncio.get_running_loop()
        server = await loop.create_server(self._connection, self._host, self._port)
        try:
            await loop.create_future()
        finally:
            server.close()
            for connection in list(self._connections):
                if connection.transport is not None:
                    connection.transport.close()

    def _connection(self) -> SMTP:
        connection = SMTP(self, hostname=LOCAL_DOMAIN, ident="Serap", loop=asyncio.get_running_loop())
        self._connections.add(connection)
        return connection

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Stores one e-mail; the answer of the SMTP server."""
        message = message_from_bytes(envelope.original_content or b"")
        known = str(message["Message-ID"] or uuid4())
        subject = str(make_header(decode_header(message["Subject"] or "")))
        try:
            for to in envelope.rcpt_tos:
                await self._store(known, _aspiration(known), ContactKind.EMAIL, to, subject, _text(message))
        except Exception as error:
            log.warning("a message could not be stored", extra=describe(error))
            return "451 cannot store it now"
        return "250 OK"

    async def _store(self, known: str, aspiration_id: UUID | None, kind: ContactKind, to: str, subject: str, body: str) -> None:
        async with self._database.pool.acquire(timeout=5) as connection:
            await store.put_into_mailbox(connection, known, aspiration_id, kind, to, subject, body, datetime.now(UTC))


def _aspiration(known: str) -> UUID | None:
    """The aspiration that a Message-ID of ours names."""
    try:
        return UUID(known.removeprefix("<").partition(".")[0])
    except ValueError:
        return None


def _text(message: Message) -> str:
    """The text of a message as our own are: one part. Of any other its bare payload."""
    payload = message.get_payload(decode=True)
    return payload.decode(errors="replace").replace("\r\n", "\n").replace("\x00", "") if isinstance(payload, bytes) else ""
