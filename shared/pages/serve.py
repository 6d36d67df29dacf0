"""What every service with pages has: `/static`, pages for errors, and the API reference at `/docs`, without script."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from shared.pages.errors import add_error_pages
from shared.pages.openapi import reference
from shared.pages.render import PUBLIC, Pages
from shared.pages.static import mount_static


def add_pages(app: FastAPI, pages: Pages) -> None:
    """Adds them to a service's application."""
    mount_static(app)
    add_error_pages(app, pages)

    async def docs(request: Request) -> Response:
        return pages.render(request, "openapi.html", reference(app.openapi()), cache=PUBLIC)

    app.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)
