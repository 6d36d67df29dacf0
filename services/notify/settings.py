"""What notify reads from its environment besides what every service reads."""

from typing import Annotated

from pydantic import Field

from shared.runtime.settings import Settings

MAILBOX_HOST = "127.0.0.1"


class NotifySettings(Settings):
    """Without a mail server and without the local mailbox every message is suppressed (`no_provider`)."""

    smtp_url: Annotated[str, Field(pattern=r"^$|^smtps?://[^/\s]+/?$")] = Field(
        "", description="smtp://user:password@host:port, or smtps:// for TLS from the first byte; empty: no mail server"
    )
    mail_from: Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$")] = Field(
        "no-reply@serap.example", description="the address that messages come from"
    )
    mailbox_port: Annotated[int, Field(ge=0, le=65535)] = Field(
        0, description="port of the local mailbox's mail server, with its page /mailbox; 0: no local mailbox"
    )

    @property
    def mail_server(self) -> str:
        """Where e-mail goes: the mail server, else the local mailbox, else nowhere (empty)."""
        return self.smtp_url or (f"smtp://{MAILBOX_HOST}:{self.mailbox_port}" if self.mailbox_port else "")
