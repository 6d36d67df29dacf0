"""E-mail by SMTP. Says of each attempt what is certain: only from DATA on can a message have been taken without our knowing."""

import quopri
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from typing import Self
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException, SMTPResponseException

from services.notify.domain.attempt import Attempt, Away, Ended, NotNow, judge
from services.notify.domain.message import Letter
from shared.contracts.vocabulary import ContactKind, Outcome

COMMAND_SECONDS = 30.0
DATA_SECONDS = 180.0
"""A server may think long after the final dot (RFC 5321, 4.5.3.2.6); who hangs up earlier does not know what became of it."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PLAIN_ADDRESS = re.compile(r"""[!#-'*+\-./0-9=?A-Z^_`a-z{|}~]{1,64}@[A-Za-z0-9.-]{1,255}""")
"""Addresses that need no quoting (RFC 5322, dot-atom)."""
_SENT = Ended(Outcome.SENT)


@dataclass(frozen=True, slots=True)
class MailServer:
    """`tls`: from the first byte. Otherwise STARTTLS is used where offered, and demanded where a password would go abroad."""

    host: str
    port: int
    tls: bool
    username: str | None
    password: str | None

    @classmethod
    def of(cls, url: str) -> Self:
        """From `smtp://user:password@host:port` or `smtps://...`; ports 587 and 465 where none is given."""
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if tls else 587),
            tls=tls,
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
        )

    def client(self, own_name: str) -> aiosmtplib.SMTP:
        """A client that is not connected yet. `own_name`: what we call ourselves in EHLO."""
        demanded = self.username is not None and self.host not in _LOOPBACK and not self.tls
        return aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.username,
            password=self.password,
            use_tls=self.tls,
            start_tls=False if self.tls else demanded or None,
            local_hostname=own_name,
            timeout=COMMAND_SECONDS,
        )


class SmtpCarrier:
    """Carries e-mail. Connections are kept as long as there is something to send, one for each letter under way."""

    kinds: Collection[ContactKind] = frozenset({ContactKind.EMAIL})

    def __init__(self, server: MailServer, sender: str, sender_name: str) -> None:
        self._server, self._sender, self._sender_name = server, sender, sender_name
        self._domain = sender.partition("@")[2]
        self._idle: list[aiosmtplib.SMTP] = []

    async def send(self, letter: Letter) -> Attempt:
        try:
            to = ascii_address(letter.to)
            message = encode(letter, to, self._sender, self._sender_name)
        except ValueError:
            return Ended(Outcome.FAILED, "bad_address")
        try:
            client = await self._connection()
        except SMTPResponseException as error:
            return Away(f"smtp_{error.code}")
        except (SMTPException, OSError):
            return Away("no_connection")
        attempt: Attempt | None = None
        try:
            attempt = await _hand_over(client, self._sender, to, message)
        finally:
            if attempt == _SENT and client.is_connected:
                self._idle.append(client)
            else:
                client.close()
        return attempt

    async def rest(self) -> None:
        while self._idle:
            self._idle.pop().close()

    async def _connection(self) -> aiosmtplib.SMTP:
        """One that is open and free, else a new one. SMTPException or OSError where the server does not take us."""
        while self._idle:
            if (client := self._idle.pop()).is_connected:
                return client
        client = self._server.client(self._domain)
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client


async def _hand_over(client: aiosmtplib.SMTP, sender: str, to: str, message: bytes) -> Attempt:
    """One message through an open connection."""
    began = False
    try:
        await client.mail(sender)
        await client.rcpt(to)
        began = True
        await client.data(message, timeout=DATA_SECONDS)
    except SMTPResponseException as error:
        return judge(error.code)
    except (SMTPException, OSError):
        return Ended(Outcome.UNKNOWN, "connection_lost") if began else NotNow("connection_lost")
    return _SENT


def message_id(letter: Letter, domain: str) -> str:
    """The same for every copy of one notice, so that a reader's program can recognise a double."""
    return f"<{letter.aspiration_id}.{letter.ver}@{domain}>"


def ascii_address(address: str) -> str:
    """As every mail server takes it: an international domain in its ASCII form. ValueError where that cannot be."""
    local, _, domain = address.rpartition("@")
    plain = f"{local}@{domain.encode('idna').decode()}"
    if not _PLAIN_ADDRESS.fullmatch(plain):
        raise ValueError("not an address that can stand in an envelope and in a header as it is")
    return plain


def encode(letter: Letter, to: str, sender: str, sender_name: str) -> bytes:
    """The message as it goes over the wire, in ASCII lines of at most 76 characters. `to`: from `ascii_address`.

    Written by hand, because `email.message` costs 0.6 ms a message, which is most of what sending one costs. No value can
    end a header: the address is checked, the subject has one line and is encoded, the rest is our own.
    """
    headers = (
        ("From", formataddr((sender_name, sender))),
        ("To", to),
        ("Subject", Header(letter.subject, "utf-8", header_name="Subject").encode(linesep="\r\n")),
        ("Date", format_datetime(datetime.now(UTC))),
        ("Message-ID", message_id(letter, sender.partition("@")[2])),
        ("Auto-Submitted", "auto-generated"),  # RFC 3834: vacation responders keep still
        ("MIME-Version", "1.0"),
        ("Content-Language", letter.language.value),
        ("Content-Type", 'text/plain; charset="utf-8"'),
        ("Content-Transfer-Encoding", "quoted-printable"),
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return head.encode("ascii") + b"\r\n" + quopri.encodestring(letter.body.encode())
