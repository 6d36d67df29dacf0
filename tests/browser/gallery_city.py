"""What all pages of the gallery share: the city, the frame, and a day on which it is always the same time."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from shared.city import City, load_city
from shared.pages.render import Pages, Site

ROOT = Path(__file__).parents[2]
NAV = {"submit": "/", "track": "/track/lookup", "map": "/map/all"}
NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)


def ago(days: float) -> datetime:
    """So many days before the gallery's now."""
    return NOW - timedelta(days=days)


@cache
def city() -> City:
    return load_city(ROOT / "cities/tangerang")


@cache
def pages_of(service: str) -> Pages:
    """The pages of `services/<service>`."""
    return Pages(ROOT / "services" / service / "templates", Site(nav=NAV, demo=True))
