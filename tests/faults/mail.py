"""The mail server of a city, for tests: takes every message and remembers its Message-ID."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session

from serap.ports import HOST


class MailServer:
    """`received`: how often each Message-ID has come."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.received[str(message_from_bytes(content, policy=default)["Message-ID"])] += 1
        return "250 OK"

    @property
    def doubled(self) -> list[str]:
        """Messages that came more than once."""
        return [message_id for message_id, times in self.received.items() if times > 1]


@asynccontextmanager
async def mail_server(port: int) -> AsyncIterator[MailServer]:
    """Listens on 127.0.0.1:`port` until the block ends."""
    mails = MailServer()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mails, enable_SMTPUTF8=True, hostname="mail.test"), HOST, port)
    try:
        yield mails
    finally:
        server.close()
