"""Joins routing: city and classifier -> subscribers -> service. Besides health, metrics and /docs it has no pages or API yet."""

from pathlib import Path

from fastapi import FastAPI

from services.routing.consumer import Subscribers, answer_unusable
from services.routing.domain.classify import WordClassifier
from services.routing.store import Store
from shared.city import load_city
from shared.contracts.events import AgencyUpdated, AspirationSubmitted, CitizenReplied
from shared.contracts.topics import REPLIES, SUBMITTED, catalogue, updates
from shared.pages.render import Pages, Site
from shared.pages.serve import add_pages
from shared.runtime.consumer import Subscription
from shared.runtime.service import Service
from shared.runtime.settings import Settings

NAME = "routing"
ABOUT = "Gives every aspiration an agency and owns its life and its clocks."


def build(settings: Settings) -> Service:
    """A routing service that is not running yet."""
    city = load_city(settings.city)
    written = [topic for topic in catalogue(city.kafka_channels, city.agencies) if topic.writer == NAME]
    service = Service(NAME, ABOUT, settings, written=written)
    on = Subscribers(Store(service.database), city, WordClassifier(city))
    service.subscribe(Subscription([SUBMITTED], AspirationSubmitted, NAME, on.on_submitted))
    service.subscribe(Subscription([REPLIES], CitizenReplied, NAME, on.on_replied))
    from_agencies = [updates(agency) for agency in city.agencies]
    service.subscribe(Subscription(from_agencies, AgencyUpdated, NAME, on.on_updated, answer_unusable=answer_unusable))
    add_pages(service.app, Pages(Path(__file__).parent / "templates", Site.of(settings, city.name, city.emergency)))
    return service


def create_app() -> FastAPI:
    """What `python -m shared.runtime.serve services.routing.app` serves."""
    return build(Settings()).app
