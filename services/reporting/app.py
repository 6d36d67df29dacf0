"""Joins reporting's parts: settings -> city -> store -> consumers -> routes."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.reporting.api import routes
from services.reporting.consumer import GROUP, Subscribers
from services.reporting.freshness import how_fresh
from services.reporting.pages import MapPage
from services.reporting.store import Store
from services.reporting.views.chart import monthly_chart
from shared.city import load_city
from shared.contracts.topics import LIFECYCLE, OUTCOMES, dead_letter_topics
from shared.contracts.vocabulary import Language
from shared.pages.render import PRIVATE, PUBLIC, Pages, Site
from shared.pages.serve import add_pages
from shared.runtime.service import Service
from shared.runtime.settings import Settings

ABOUT = "Counts every voice once, and shows where which need is strongest, who works on it and how fast."
TEMPLATES = Path(__file__).parent / "templates"


def build(settings: Settings) -> Service:
    """The service, not yet running."""
    city = load_city(settings.city)
    dead = [topic for read in (LIFECYCLE, OUTCOMES) for topic in dead_letter_topics(read) if topic.writer == GROUP]
    service = Service("reporting", ABOUT, settings, written=dead)
    store = Store(service.database)
    for subscription in Subscribers(service.database, city.calendar.timezone.key).subscriptions():
        service.subscribe(subscription)

    pages = Pages(TEMPLATES, Site.of(settings, city.name, city.emergency))
    add_pages(service.app, pages)
    known = partial(how_fresh, store, partial(service.bus.done_until, LIFECYCLE.name, GROUP))
    service.app.include_router(routes(store, city, known))
    # In the demonstration one looks at the figures to see them move.
    MapPage(store, city, pages, known, cache=PRIVATE if settings.demo else PUBLIC).add_to(service.app)
    return service


def create_app() -> FastAPI:
    """What `python -m shared.runtime.serve services.reporting.app` runs."""
    monthly_chart((), "", Language.ID)  # the first of a process takes a second: not at the first reader's cost
    return build(Settings()).app
