"""Joins the parts of notify."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.notify.carriers import Carrier
from services.notify.carriers.mailbox import Mailbox
from services.notify.carriers.smtp import MailServer, SmtpCarrier
from services.notify.consumer import GROUP, Subscribers
from services.notify.domain.message import compose
from services.notify.pages import add_mailbox
from services.notify.sender import Sender
from services.notify.settings import MAILBOX_HOST, NotifySettings
from shared.city import City, load_city
from shared.contracts.topics import ANSWERS, CONTACTS, LIFECYCLE, OUTCOMES, dead_letter_topics
from shared.pages.render import Pages, Site
from shared.pages.serve import add_pages
from shared.runtime.postgres import Database
from shared.runtime.service import Service

READ = (LIFECYCLE, CONTACTS, ANSWERS)
WRITTEN = (OUTCOMES, *(dead for topic in READ for dead in dead_letter_topics(topic) if dead.writer == GROUP))
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Parts:
    """What notify is made of, apart from what every service has. `mailbox`: None where messages go out for real."""

    subscribers: Subscribers
    sender: Sender
    mailbox: Mailbox | None


def assemble(settings: NotifySettings, city: City, database: Database) -> Parts:
    """Carriers -> sender -> subscribers."""
    carriers: list[Carrier] = []
    if settings.mail_server:
        carriers.append(SmtpCarrier(MailServer.of(settings.mail_server), settings.mail_from, city.name))
    mailbox = Mailbox(database, MAILBOX_HOST, settings.mailbox_port) if settings.mailbox_port else None
    if mailbox:
        carriers.append(mailbox)
    sender = Sender(database, carriers, partial(compose, city=city, intake_url=settings.intake_url))
    return Parts(Subscribers(database, city.messages, sender.carried, sender.wake), sender, mailbox)


def build(settings: NotifySettings) -> Service:
    """Notify, ready to be run."""
    city = load_city(settings.city)
    service = Service("notify", "Tells citizens what became of their voice.", settings, written=WRITTEN)
    parts = assemble(settings, city, service.database)
    for subscription in parts.subscribers.subscriptions():
        service.subscribe(subscription)
    service.run_beside("sender", parts.sender.run)
    if parts.mailbox:
        service.run_beside("mailbox", parts.mailbox.run)
    pages = Pages(TEMPLATES, Site.of(settings, city.name, city.emergency))
    add_pages(service.app, pages)
    add_mailbox(service.app, pages, service.database, settings.intake_url, local=parts.mailbox is not None)
    return service


def create_app() -> FastAPI:
    """What `python -m shared.runtime.serve services.notify.app` runs."""
    return build(NotifySettings()).app
