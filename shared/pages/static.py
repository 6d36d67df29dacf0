"""Serves the style sheet and the icon under `/static`, compressed, and cached for a year under an address with their digest."""

import hashlib
from functools import cache
from os import PathLike, stat_result

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from shared.pages import STATIC

FOR_A_YEAR = "public, max-age=31536000, immutable"
FOR_AN_HOUR = "public, max-age=3600"


class _CachedFiles(StaticFiles):
    """An address with a digest never changes its content; one without may."""

    def file_response(
        self, full_path: str | PathLike[str], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = FOR_A_YEAR if scope["query_string"].startswith(b"v=") else FOR_AN_HOUR
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def mount_static(app: Starlette) -> None:
    """Adds `/static` to a service."""
    app.mount("/static", GZipMiddleware(_CachedFiles(directory=STATIC), minimum_size=500), name="static")


@cache
def static_url(name: str) -> str:
    """`/static/<name>` with the digest of its content, so that a new version is a new address."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"
