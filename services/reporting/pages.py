"""The map page: where a need is strongest, who works on it and how fast (pages.md, Peta)."""

import asyncio
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from services.reporting.domain.choice import PERIODS, Choice, NoSuchView, choice_of, first_day, months_until
from services.reporting.domain.counts import Counts, MonthCount
from services.reporting.freshness import HowFresh
from services.reporting.store import Store
from services.reporting.views.drawing import draw_city
from services.reporting.views.map import MapView, map_view
from shared.city import City
from shared.pages.errors import telling_trouble
from shared.pages.render import Pages
from shared.runtime.problems import Problem


class MapPage:
    """Makes the page for each request. The outlines are drawn once. `cache`: its Cache-Control."""

    def __init__(self, store: Store, city: City, pages: Pages, how_fresh: HowFresh, cache: str) -> None:
        self._store, self._city, self._pages, self._how_fresh, self._cache = store, city, pages, how_fresh, cache
        self._drawing = draw_city(city.areas)

    def add_to(self, app: FastAPI) -> None:
        app.add_route("/", telling_trouble(self.answer), methods=["GET"], include_in_schema=False)

    async def answer(self, request: Request) -> Response:
        """The page; Problem `not-found` for an address that names what does not exist."""
        try:
            view = await self._view(request, datetime.now(UTC))
        except NoSuchView:
            raise Problem("not-found") from None
        # Chart and page take some 100 ms of pure work: not on the loop that feeds the consumers.
        return await asyncio.to_thread(self._pages.render, request, "map.html", view, cache=self._cache)

    async def _view(self, request: Request, now: datetime) -> MapView:
        until = self._city.calendar.day_of(now)
        named = request.query_params.get("tema")
        popular = None if named else await self._store.most_voiced(first_day(until, PERIODS[0]), self._city.topics)
        choice = choice_of(request.query_params, self._city, popular)
        since = first_day(until, choice.period)
        counts, known = await asyncio.gather(self._counts(choice, since, until, now), self._how_fresh(now))
        return map_view(
            city=self._city,
            drawing=self._drawing,
            choice=choice,
            counts=counts,
            since=since,
            until=until,
            known=known,
            csv_url=csv_url(choice, since.isoformat(), until.isoformat()),
        )

    async def _counts(self, choice: Choice, since: date, until: date, now: datetime) -> Counts:
        """What was received from `since` to `until`; the months go further back, and all of them are there if any is."""
        months = months_until(until)
        of_theme = (choice.theme, since, until, choice.kecamatan, now)
        overall, areas, counted, agencies, handling = await asyncio.gather(
            self._store.overall(since, until, choice.kecamatan),
            self._store.areas(choice.theme, since, until),
            self._store.months(choice.theme, months[0], choice.kecamatan),
            self._store.agencies(*of_theme),
            self._store.handling(*of_theme),
        )
        by_month = {each.month: each.count for each in counted}
        filled = [MonthCount(month, by_month.get(month, 0)) for month in months] if by_month else []
        return Counts(overall, areas, filled, agencies, handling)


def csv_url(choice: Choice, since: str, until: str) -> str:
    """The figures of the view, by kelurahan."""
    asked = {"topic": choice.theme, "from": since, "to": until, "kecamatan": choice.kecamatan, "group_by": "kelurahan"}
    return "/v1/aggregates.csv?" + urlencode({name: value for name, value in asked.items() if value})
