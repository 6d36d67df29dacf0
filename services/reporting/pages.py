"""The map page: where a need is strongest, who works on it and how fast (pages.md, Peta)."""

import asyncio
import logging
from datetime import UTC, datetime
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.domain.choice import NoSuchView, choice_of, first_day, months_until
from services.reporting.freshness import Freshness
from services.reporting.map import draw_city
from services.reporting.store import Store
from services.reporting.views import PERIODS, Choice, MapView, MonthCount, map_view
from shared.city import City
from shared.pages.render import PUBLIC, Pages
from shared.runtime.logs import describe
from shared.runtime.postgres import is_unavailable

log = logging.getLogger(__name__)


class MapPage:
    """Makes the page for each request. The outlines are drawn once."""

    def __init__(self, store: Store, city: City, pages: Pages, freshness: Freshness) -> None:
        self._store, self._city, self._pages, self._freshness = store, city, pages, freshness
        self._drawing = draw_city(city.areas)

    def add_to(self, app: FastAPI) -> None:
        app.add_api_route("/", self.answer, methods=["GET"], include_in_schema=False)

    async def answer(self, request: Request) -> Response:
        """The page; 404 for an address that names what does not exist, 503 while the database is away."""
        try:
            view = await self._view(request, datetime.now(UTC))
        except NoSuchView:
            return self._pages.problem(request, 404, "not-found")
        except Exception as error:
            if not is_unavailable(error):
                raise
            log.warning("database is away", extra=describe(error))
            return self._pages.problem(request, 503, "unreadable", {"Retry-After": "2"})
        # Chart and page take some 100 ms of pure work: not on the loop that feeds the consumers.
        return await asyncio.to_thread(self._pages.render, request, "map.html", view, cache=PUBLIC)

    async def _view(self, request: Request, now: datetime) -> MapView:
        until = self._city.calendar.day_of(now)
        named = request.query_params.get("tema")
        popular = None if named else await self._store.most_voiced(first_day(until, PERIODS[0]), self._city.topics)
        choice = choice_of(request.query_params, self._city, popular)
        since, months = first_day(until, choice.period), months_until(until)
        of_theme = (choice.theme, since, until, choice.kecamatan, now)
        areas, counted, agencies, handling, known_until = await asyncio.gather(
            self._store.areas(choice.theme, since, until),
            self._store.months(choice.theme, months[0], choice.kecamatan),
            self._store.agencies(*of_theme),
            self._store.handling(*of_theme),
            self._freshness.as_of(),
        )
        as_of = known_until or self._freshness.started
        by_month = {each.month: each.count for each in counted}
        return map_view(
            city=self._city,
            drawing=self._drawing,
            choice=choice,
            themes=sorted(self._city.topics, key=lambda code: self._city.topics[code].name),
            areas=areas,
            months=[MonthCount(month, by_month.get(month, 0)) for month in months] if by_month else [],
            agencies=agencies,
            handling=handling,
            since=since,
            until=until,
            updated_at=as_of,
            csv_url=csv_url(choice, since.isoformat(), until.isoformat()),
            stale_since=as_of if self._freshness.is_stale(now) else None,
        )


def csv_url(choice: Choice, since: str, until: str) -> str:
    """The figures of the view, by kelurahan."""
    asked = {"topic": choice.theme, "from": since, "to": until, "kecamatan": choice.kecamatan, "group_by": "kelurahan"}
    return "/v1/aggregates.csv?" + urlencode({name: value for name, value in asked.items() if value})
