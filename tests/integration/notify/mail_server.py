"""A real SMTP server that remembers what it took and can be told to misbehave."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.stack import free_port


class MailServer:
    """`answers`: address -> the answer to its RCPT. `after_data`: what happens when a message is there: take, drop or hold."""

    def __init__(self) -> None:
        self.port = free_port()
        self.seen: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.answers: dict[str, str] = {}
        self.after_data = "take"
        self.connections = 0
        self._open: list[SMTP] = []
        self._held: asyncio.Event = asyncio.Event()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def addressees(self) -> list[str]:
        """Whom the messages were for, in the order in which they came."""
        return [str(message["To"]) for message in self.seen]

    @property
    def vers(self) -> list[int]:
        """The `ver` of each message, as its Message-ID tells."""
        return [int(str(message["Message-ID"]).split("@")[0].rsplit(".", 1)[1]) for message in self.seen]

    def let_go(self) -> None:
        """Answers what is held, and holds nothing more."""
        self.after_data = "take"
        self._held.set()

    def hang_up(self) -> None:
        """Closes every connection; new ones are welcome."""
        for connection in self._open:
            if connection.transport is not None:
                connection.transport.close()
        self._open.clear()

    async def start(self) -> None:
        logging.getLogger("mail").setLevel(logging.CRITICAL)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Nobody answers on the port any more."""
        if self._server is not None:
            self._server.close()
            self._held.set()
            self.hang_up()
            await self._server.wait_closed()
            self._server = None

    def _connection(self) -> SMTP:
        self.connections += 1
        connection = SMTP(self, hostname="mail.test", loop=asyncio.get_running_loop())
        self._open.append(connection)
        return connection

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        self.raw.append(envelope.original_content)
        self.seen.append(message_from_bytes(envelope.original_content, policy=default))
        if self.after_data == "hold":
            await self._held.wait()
        if self.after_data == "drop" and server.transport is not None:
            server.transport.close()
        return self.answers.get("data", "250 OK")


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
