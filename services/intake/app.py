"""The composition root of intake: what is made, and how it is joined."""

from fastapi import FastAPI

from services.intake.counter import Counter
from services.intake.settings import IntakeSettings
from shared.city import load_city
from shared.contracts import topics
from shared.runtime.service import Service

ABOUT = "The counter at which channels and citizens hand in, follow and reply."


def build(settings: IntakeSettings) -> Service:
    """Intake, ready to be started by its lifespan. It accepts while Kafka is away, so it does not need the broker."""
    city = load_city(settings.city)
    catalogue = topics.catalogue(city.channels, city.agencies)
    written = [topic for topic in catalogue if topic.writer == "intake"]
    service = Service("intake", ABOUT, settings, written=written, needs_broker=False)
    Counter(service.database, city, settings.pin_key)
    return service


def create_app() -> FastAPI:
    """What `python -m shared.runtime.serve services.intake.app` serves."""
    return build(IntakeSettings()).app  # type: ignore[call-arg]  # pydantic-settings fills it from the environment
