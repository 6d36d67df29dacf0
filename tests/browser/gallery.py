"""Every page in its states, with made-up data, as a small application: what the browser tests and a designer look at.

`python -m tests.browser.gallery 8790` serves it; `/` lists all pages.
"""

import html
import sys
from collections.abc import Callable, Mapping

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shared.pages.static import mount_static
from tests.browser import gallery_intake, gallery_others, gallery_reporting

Renderer = Callable[[Request], Response]


def pages() -> Mapping[str, Renderer]:
    """Path -> how to answer it."""
    return {**gallery_intake.pages(), **gallery_reporting.pages(), **gallery_others.pages()}


def gallery() -> Starlette:
    """The application. The real form answers at `/submit`, so that its flow can be walked without scripts."""

    def index(request: Request) -> Response:
        links = "".join(f'<li><a href="{html.escape(path)}">{html.escape(path)}</a>' for path in pages())
        return HTMLResponse(f"<!doctype html><title>Galeri</title><ul>{links}</ul>")

    def route(path: str, render: Renderer) -> Route:
        async def endpoint(request: Request) -> Response:
            return render(request)

        return Route(path, endpoint)

    app = Starlette(routes=[Route("/gallery", index), *(route(path, render) for path, render in pages().items())])
    app.routes.append(Route("/", gallery_intake.walk_the_form, methods=["GET", "POST"]))
    mount_static(app)
    return app


if __name__ == "__main__":
    uvicorn.run(gallery(), port=int(sys.argv[1]), log_level="warning")
