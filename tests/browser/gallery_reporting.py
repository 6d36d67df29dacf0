"""Reporting's map: a city full of voices, one that is mostly silent, an empty one, one kecamatan, another theme."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache

from starlette.requests import Request
from starlette.responses import Response

from services.reporting.domain.choice import Choice
from services.reporting.domain.counts import AgencyCount, AreaCount, Counts, Handling, MonthCount, Overall
from services.reporting.views.drawing import CityDrawing, draw_city
from services.reporting.views.map import MapView, map_view
from shared.pages.render import PUBLIC
from shared.runtime.freshness import Freshness
from tests.browser.gallery_city import NOW, city, pages_of

MONTHS = (649, 949, 899, 649, 500, 400, 250, 250, 200, 300, 450, 500)
FULL = Handling(received=5994, confirmed=2457, closed_unconfirmed=1379, closed_on_time=2640, closed=3836, overdue=57)
EMPTY = Handling(0, 0, 0, 0, 0, 0)
AGENCIES = (
    AgencyCount("DPUPR", 5120, 4803, 41, 2.5),
    AgencyCount("KEWILAYAHAN", 612, 590, 9, 1.25),
    AgencyCount("DLH", 201, 180, 7, 4.0),
    AgencyCount("", 61, 0, 0, None),
)


@cache
def drawing() -> CityDrawing:
    return draw_city(city().areas)


def counts(busy: float) -> list[AreaCount]:
    """Made-up counts, always the same: `busy` 1 gives some 230 aspirations per kelurahan."""
    chance = random.Random(7)
    totals = {code: int(chance.lognormvariate(5.2, 0.7) * busy) for code in city().areas.kelurahan}
    return [AreaCount(code, int(total * min(0.9, chance.betavariate(2, 8))), total) for code, total in totals.items()]


def mapped(areas: Sequence[AreaCount], handling: Handling, choice: Choice) -> MapView:
    """The page for these counts."""
    months = [MonthCount(date(2025 + (n + 11) // 12, (n + 11) % 12 + 1, 1), c) for n, c in enumerate(MONTHS)] if areas else []
    total = sum(area.total for area in areas)
    overall = Overall(total // 30, total // 5, total - total // 30 - total // 5)
    return map_view(
        city=city(),
        drawing=drawing(),
        choice=choice,
        counts=Counts(overall, areas, months, AGENCIES if areas else (), handling),
        since=NOW.date() - timedelta(days=choice.period),
        until=NOW.date(),
        known=Freshness(NOW, stale=not areas),
        csv_url="/v1/aggregates.csv?topic=drainase",
    )


def pages() -> Mapping[str, Callable[[Request], Response]]:
    """Path -> renderer."""
    whole = Choice("drainase", 365)
    found = {
        "/map/all": mapped(counts(1), FULL, whole),
        "/map/few": mapped(counts(0.02), Handling(441, 60, 30, 70, 90, 12), Choice("banjir", 30)),
        "/map/empty": mapped([], EMPTY, Choice("trotoar", 90)),
        "/map/kecamatan": mapped(counts(1), FULL, Choice("drainase", 365, "36.71.08")),
        "/map/karawaci": mapped(counts(1), FULL, Choice("drainase", 365, "36.71.07")),
    }
    return {path: _renderer(view) for path, view in found.items()}


def _renderer(view: MapView) -> Callable[[Request], Response]:
    return lambda request: pages_of("reporting").render(request, "map.html", view, cache=PUBLIC)
