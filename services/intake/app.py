"""The composition root of intake: what is made, and how it is joined."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.intake.api import Api
from services.intake.consumer import GROUP, Subscribers
from services.intake.counter import Counter
from services.intake.following import Following
from services.intake.keys import Keys
from services.intake.openapi import describe
from services.intake.pages.following import FollowingPages
from services.intake.pages.form import FormPages
from services.intake.pages.limits import CitizenLimits
from services.intake.pages.routes import add_citizen_pages
from services.intake.settings import IntakeSettings
from shared.city import City, load_city
from shared.contracts import topics
from shared.pages.render import Pages, Site
from shared.runtime.service import Service

ABOUT = "The counter at which channels and citizens hand in, follow and reply."


def build(settings: IntakeSettings) -> Service:
    """Intake, ready to be started by its lifespan. It accepts while Kafka is away, so it does not need the broker."""
    city = load_city(settings.city)
    catalogue = topics.catalogue(city.channels, city.agencies)
    written = [topic for topic in catalogue if topic.writer == "intake"]
    service = Service("intake", ABOUT, settings, written=written, needs_broker=False)
    counter = Counter(service.database, city, settings.pin_key)
    Api(counter, Keys(service.database), f"{settings.intake_url}/t/").add_routes(service.app)
    for subscription in Subscribers(service.database, counter, city).subscriptions():
        service.subscribe(subscription)
    _join_citizens(service, city, counter, settings)
    describe(service.app)  # last: it writes down what is there
    return service


def _join_citizens(service: Service, city: City, counter: Counter, settings: IntakeSettings) -> None:
    """The form, and following."""
    pages = Pages(Path(__file__).parent / "templates", Site.of(settings, city.name, city.emergency))
    following = Following(service.database, settings.pin_key)
    done_until = partial(service.bus.done_until, topics.LIFECYCLE.name, GROUP)
    limits = CitizenLimits()
    add_citizen_pages(
        service.app,
        pages,
        FormPages(pages, city, counter, limits, settings.intake_url),
        FollowingPages(pages, city, following, limits, done_until),
    )


def create_app() -> FastAPI:
    """What `python -m shared.runtime.serve services.intake.app` serves."""
    return build(IntakeSettings()).app
