"""The citizen's form: four steps, then the receipt as the answer to the last one.

The receipt has no address of its own, so that neither code nor PIN stand in one. Reload sends the last step again under the
same key, and the counter answers with the same receipt.
"""

import asyncio
import time
from uuid import uuid4

from limits import RateLimitItem
from starlette.requests import Request
from starlette.responses import Response

from services.intake.counter import Counter, Receipt
from services.intake.domain.aspiration import fingerprint
from services.intake.pages.limits import FORMS, FORMS_OF_CONTACT, CitizenLimits, network_of
from services.intake.pages.posted import read_form
from services.intake.views import submit
from services.intake.views.receipt import receipt_view
from shared.city import City
from shared.contracts.submission import Submission
from shared.contracts.vocabulary import ContactKind
from shared.pages.render import CONFIDENTIAL, Pages, language_for
from shared.runtime.http import correlation_id_of
from shared.runtime.problems import Problem

IN_FLIGHT_SECONDS = 10.0
"""How long the second tap waits for the first one's receipt."""
_LOOK_SECONDS = 0.1
_TROUBLE = {"unavailable": "submit.not_stored", "key-reused": "submit.other_report", "invalid-field": "submit.refused"}
"""Problem of the counter -> what the last page says, with everything still typed in."""


class FormPages:
    """`GET /` and `POST /`. `address`: where citizens find this service, as it stands on the receipt."""

    def __init__(self, pages: Pages, city: City, counter: Counter, limits: CitizenLimits, address: str) -> None:
        self._pages, self._city, self._counter, self._limits, self._address = pages, city, counter, limits, address

    async def new(self, request: Request) -> Response:
        return self._pages.render(request, "submit.html", submit.new_form(self._city.areas, str(uuid4())))

    async def answer(self, request: Request) -> Response:
        """The next page of the form; after the last one the receipt."""
        view = submit.answer_form(await read_form(request), self._city.areas, str(uuid4()))
        if view.ready:
            return await self._hand_in(request, view.answers)
        return self._pages.render(request, "submit.html", view, status=422 if view.errors else 200)

    async def _hand_in(self, request: Request, answers: submit.Answers) -> Response:
        handed_in = submit.submission(answers, language_for(request))
        limited: list[tuple[RateLimitItem, str]] = [(FORMS, network_of(request.client.host if request.client else ""))]
        if address := handed_in.contact.address:
            limited.append((FORMS_OF_CONTACT, address.casefold()))
        for item, who in limited:
            self._limits.check(item, who)
        try:
            receipt = await self._receipt(request, answers.key, handed_in)
        except Problem as problem:
            if problem.slug not in _TROUBLE:
                raise
            return self._not_stored(request, answers, problem)
        for item, who in () if receipt.repeated else limited:
            self._limits.count(item, who)
        view = receipt_view(
            code=receipt.tracking_code,
            pin=receipt.pin,
            received_at=receipt.received_at,
            contact=ContactKind(answers.contact),
            tracking_url=f"{self._address}/t/{receipt.tracking_code}",
            city=self._city,
        )
        return self._pages.render(request, "receipt.html", view, cache=CONFIDENTIAL)

    async def _receipt(self, request: Request, key: str, handed_in: Submission) -> Receipt:
        """A browser shows the answer to the last tap, so the second one waits until the first is done."""
        deadline = time.monotonic() + IN_FLIGHT_SECONDS
        while True:
            try:
                return await self._counter.hand_in(
                    submit.CHANNEL,
                    key,
                    handed_in,
                    fingerprint=fingerprint(handed_in),
                    correlation_id=correlation_id_of(request),
                )
            except Problem as problem:
                if problem.slug != "in-flight" or time.monotonic() > deadline:
                    raise
                await asyncio.sleep(_LOOK_SECONDS)

    def _not_stored(self, request: Request, answers: submit.Answers, problem: Problem) -> Response:
        """A form that has been used up goes on under a new key; any other keeps its own, so that nothing is stored twice."""
        key = str(uuid4()) if problem.slug == "key-reused" else answers.key
        view = submit.not_stored(answers, self._city.areas, _TROUBLE[problem.slug], key)
        return self._pages.render(request, "submit.html", view, status=problem.status, headers=problem.headers)
