"""The tracking pages: where an aspiration stands, for whoever has the code; words and replies for whoever has the PIN."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from services.intake.domain.case import Case
from services.intake.domain.reply import replied
from services.intake.following import Following
from services.intake.pages.limits import REPLIES, UNKNOWN_CODES, CitizenLimits, network_of
from services.intake.pages.posted import read_form
from services.intake.views.errors import FieldError
from services.intake.views.reply import read_reply
from services.intake.views.tracking import KEY_EXPIRED, UNKNOWN_CODE, WRONG_PIN, LockedView, LookupView, tracking_view
from shared.city import City
from shared.contracts.ids import parse_tracking_code
from shared.pages.render import CONFIDENTIAL, Pages
from shared.runtime.freshness import freshness
from shared.runtime.http import correlation_id_of
from shared.runtime.problems import Problem

NOINDEX: Mapping[str, str] = {"X-Robots-Tag": "noindex, nofollow"}
TYPED = ("kind", "text", "rating")
"""The fields of a reply that are given back where it could not be sent."""


class FollowingPages:
    """Everything under `/t`. `done_until`: see `Bus.done_until`, for the lifecycle topic."""

    def __init__(
        self, pages: Pages, city: City, following: Following, limits: CitizenLimits, done_until: Callable[[], float | None]
    ) -> None:
        self._pages, self._city, self._following, self._limits = pages, city, following, limits
        self._done_until = done_until

    async def look_up(self, request: Request) -> Response:
        """`GET /t`: the entry form; `GET /t?code=`: on to the page of that code, however it was typed."""
        typed = request.query_params.get("code", "")
        if code := parse_tracking_code(typed):
            return _to(request, code)
        return self._unknown(request, typed) if typed else self._lookup(request, LookupView())

    async def show(self, request: Request) -> Response:
        """`GET /t/<code>`: the chain with its dates, without words."""
        code = parse_tracking_code(typed := request.path_params["code"])
        if code and code != typed:
            return _to(request, code)
        return await self._with_case(request, self._show_locked)

    async def open(self, request: Request) -> Response:
        """`POST /t/<code>`: the same with all words, for a PIN, or for the key of a page that was opened before."""
        return await self._with_case(request, self._open)

    async def go_back(self, request: Request) -> Response:
        """`GET /t/<code>/reply`: the address in the browser after a reply, opened anew."""
        return _to(request, request.path_params["code"])

    async def reply(self, request: Request) -> Response:
        """`POST /t/<code>/reply`: what the citizen says; the page again, with the reply on its way."""
        return await self._with_case(request, self._reply)

    async def _with_case(self, request: Request, answer: Callable[[Request, Case], Awaitable[Response]]) -> Response:
        """The case of the path; where there is none, always the same answer, so that nobody learns which codes exist."""
        client = network_of(request.client.host) if request.client else ""
        self._limits.check(UNKNOWN_CODES, client)
        typed = request.path_params["code"]
        code = parse_tracking_code(typed)
        case = await self._following.find(code) if code else None
        if case is None:
            self._limits.count(UNKNOWN_CODES, client)
            return self._unknown(request, typed)
        return await answer(request, case)

    async def _show_locked(self, request: Request, case: Case) -> Response:
        return await self._page(request, case, opened=False)

    async def _open(self, request: Request, case: Case) -> Response:
        data = await read_form(request)
        typed = {name: data[name] for name in TYPED if data.get(name)}
        now = datetime.now(UTC)
        if "key" in data:
            if self._following.key_opens(case, data["key"], now):
                return await self._page(request, case, opened=True, typed=typed)
            return await self._page(request, case, opened=False, errors=(KEY_EXPIRED,), status=403, typed=typed)
        tried = await self._following.try_pin(case, data.get("pin", ""), now)
        if tried.locked_until:
            return self._locked(request, LockedView(case.code, tried.locked_until), now)
        if tried.right:
            return await self._page(request, case, opened=True, typed=typed)
        return await self._page(request, case, opened=False, errors=(WRONG_PIN,), status=403, typed=typed)

    async def _reply(self, request: Request, case: Case) -> Response:
        data = await read_form(request)
        typed = {name: data[name] for name in TYPED if data.get(name)}
        now = datetime.now(UTC)
        if not self._following.key_opens(case, data.get("key", ""), now):
            return await self._page(request, case, opened=False, errors=(KEY_EXPIRED,), status=403, typed=typed)
        page_id, said = _uuid(data.get("reply_id", "")), read_reply(data)
        if said.kind is None or said.errors:
            return await self._page(
                request, case, opened=True, errors=said.errors, status=422, typed=typed, reply_id=str(page_id)
            )
        self._limits.check(REPLIES, case.code)
        self._limits.count(REPLIES, case.code)
        reply = replied(case.id, page_id, said.kind, said.text, said.rating, now)
        await self._following.reply(reply, correlation_id_of(request))
        return await self._page(request, case, opened=True, just_sent=True)

    async def _page(
        self,
        request: Request,
        case: Case,
        *,
        opened: bool,
        errors: tuple[FieldError, ...] = (),
        status: int = 200,
        reply_id: str = "",
        **more: Any,
    ) -> Response:
        story = await self._following.story(case, opened=opened)
        now = datetime.now(UTC)
        known = freshness(self._done_until(), story.facts[-1].at if story.facts else case.received_at, now)
        view = tracking_view(
            code=case.code,
            received_at=case.received_at,
            facts=story.facts,
            city=self._city,
            now=now,
            own=case.own if opened else None,
            answers=story.answers,
            replies=story.replies,
            key=self._following.key_of(case, now) if opened else "",
            reply_id=reply_id or str(uuid4()),
            errors=errors,
            stale_since=known.as_of if known.stale else None,
            **more,
        )
        return self._pages.render(request, "track.html", view, status=status, cache=CONFIDENTIAL, headers=NOINDEX)

    def _unknown(self, request: Request, typed: str) -> Response:
        return self._lookup(request, LookupView(typed[:40], (UNKNOWN_CODE,)), 404)

    def _lookup(self, request: Request, view: LookupView, status: int = 200) -> Response:
        return self._pages.render(request, "lookup.html", view, status=status, cache=CONFIDENTIAL, headers=NOINDEX)

    def _locked(self, request: Request, view: LockedView, now: datetime) -> Response:
        headers = {**NOINDEX, "Retry-After": str(max(1, int((view.until - now).total_seconds())))}
        return self._pages.render(request, "locked.html", view, status=429, cache=CONFIDENTIAL, headers=headers)


def _to(request: Request, code: str) -> Response:
    """To the one address of a code, in the language that was chosen."""
    query = urlencode([pair for pair in request.query_params.multi_items() if pair[0] != "code"])
    return RedirectResponse(f"/t/{code}" + (f"?{query}" if query else ""), 303, {"Cache-Control": "no-store", **NOINDEX})


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Problem("invalid-request") from None
