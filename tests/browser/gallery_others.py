"""The demo mailbox, the API reference, the error pages."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import FastAPI, Header
from starlette.requests import Request
from starlette.responses import Response

from services.notify.views import MessageView, mailbox_view
from shared.city import MessageValues
from shared.contracts.submission import Submission
from shared.contracts.vocabulary import ContactKind, Fact, Language
from shared.pages.openapi import reference
from shared.pages.render import PUBLIC
from tests.browser.gallery_city import NOW, city, pages_of
from tests.browser.gallery_intake import CODE

LINK = f"http://127.0.0.1:8700/t/{CODE}"
KINDS = (ContactKind.EMAIL, ContactKind.WHATSAPP, ContactKind.SMS)
FACTS = (Fact.RECEIVED, Fact.ASSIGNED, Fact.RESOLVED)


def messages() -> list[MessageView]:
    """One message of each kind, from the city's own templates."""
    values = MessageValues(
        CODE, LINK, city().name, "DPUPR", "drainase", "Saluran sudah bersih.", "25 November", "8 Desember", "7 Desember"
    )
    made = []
    for place, (kind, fact) in enumerate(zip(KINDS, FACTS, strict=True)):
        message = city().messages.render(fact, Language.ID, values)
        assert message is not None
        long = kind is ContactKind.EMAIL
        body, subject = (message.long, message.subject) if long else (message.short, "")
        to = "warga@contoh.example" if long else "+620000000000"
        made.append(MessageView(NOW - timedelta(hours=place), kind, to, subject, body, CODE, LINK))
    return made


def api() -> FastAPI:
    """A small API with a body, a header and a path parameter."""
    app = FastAPI(title="Serap intake", description="Accepts aspirations.", version="1")

    @app.post("/v1/aspirations", status_code=202)
    async def hand_in(body: Submission, idempotency_key: Annotated[str, Header(max_length=200)]) -> dict[str, str]:
        """Accepts one aspiration. The same key again gives the same answer."""
        return {"key": idempotency_key, "text": body.text}

    @app.get("/v1/aspirations/{aspiration_id}")
    async def status_of(aspiration_id: str) -> dict[str, str]:
        return {"id": aspiration_id}

    return app


def pages() -> Mapping[str, Callable[[Request], Response]]:
    """Path -> renderer."""
    notify = pages_of("notify")
    full, empty, described = mailbox_view(messages(), 312), mailbox_view([], 0), reference(api().openapi())
    return {
        "/mailbox": lambda request: notify.render(request, "mailbox.html", full),
        "/mailbox/empty": lambda request: notify.render(request, "mailbox.html", empty),
        "/api": lambda request: notify.render(request, "openapi.html", described, cache=PUBLIC),
        "/problem/not-found": lambda request: notify.problem(request, 404, "not-found"),
        "/problem/unavailable": lambda request: notify.problem(request, 503, "unavailable"),
    }
