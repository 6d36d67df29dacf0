"""What every service with pages has: `/static`, and the API reference at `/docs`, which works offline and without script."""

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from shared.pages.openapi import reference
from shared.pages.render import PUBLIC, Pages
from shared.pages.static import mount_static


def add_pages(app: FastAPI, pages: Pages) -> None:
    """Adds both to a service's application."""
    mount_static(app)

    async def docs(request: Request) -> Response:
        return pages.render(request, "openapi.html", reference(app.openapi()), cache=PUBLIC)

    app.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)
