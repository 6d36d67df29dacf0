"""`GET /mailbox`: what citizens receive in a demonstration."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from services.notify import store
from services.notify.domain.message import tracking_link
from services.notify.store import Mail
from services.notify.views import NEWEST, MessageView, mailbox_view
from shared.pages.errors import telling_trouble
from shared.pages.render import CONFIDENTIAL, Pages
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem


def add_mailbox(app: FastAPI, pages: Pages, database: Database, intake_url: str, *, local: bool) -> None:
    """Adds the page. `local`: whether the local mailbox is on; without it there is no such page."""

    async def mailbox(request: Request) -> Response:
        if not local:
            raise Problem("not-found")
        async with database.pool.acquire(timeout=5) as connection:
            mails, total = await store.newest_messages(connection, NEWEST)
        return pages.render(request, "mailbox.html", mailbox_view(_views(mails, intake_url), total), cache=CONFIDENTIAL)

    app.add_route("/mailbox", telling_trouble(mailbox), methods=["GET"], include_in_schema=False)


def _views(mails: Sequence[Mail], intake_url: str) -> list[MessageView]:
    return [
        MessageView(m.at, m.kind, m.address, m.subject, m.body, m.tracking_code, tracking_link(intake_url, m.tracking_code))
        for m in mails
    ]
