"""The OpenAPI description of each service, asked of the application itself. Nothing is started, nothing is connected."""

from importlib import import_module
from typing import Any, get_type_hints

from serap.options import DEFAULT_CITY

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def description_of(service: str) -> dict[str, Any]:
    """OpenAPI 3.1 of `services.<service>`."""
    build = import_module(f"services.{service}.app").build
    settings = get_type_hints(build)["settings"](database_url=NOWHERE, city=DEFAULT_CITY)
    return build(settings).app.openapi()  # type: ignore[no-any-return]
