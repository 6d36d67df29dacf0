"""A fresh database, and a mail server that can be told to misbehave."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import services.notify
from services.notify.settings import NotifySettings
from tests.integration.notify.mail_server import MailServer, mail_server
from tests.stack import Postgres, free_port

MIGRATIONS = Path(services.notify.__file__).parent / "migrations"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    async with mail_server() as server:
        yield server


@pytest.fixture
async def settings(postgres: Postgres, mail: MailServer, pack: Path) -> NotifySettings:
    """E-mail goes to `mail`; nothing carries the other kinds."""
    return NotifySettings(database_url=await postgres.database(MIGRATIONS), smtp_url=mail.url, city=pack)


@pytest.fixture
async def local(settings: NotifySettings) -> NotifySettings:
    """Everything goes into the local mailbox."""
    return settings.model_copy(update={"smtp_url": "", "mailbox_port": free_port()})
