"""The OpenAPI description of each service, asked of the application itself. Nothing is started, nothing is connected."""

from importlib import import_module
from typing import Any, get_type_hints

from serap.options import DEFAULT_CITY

_SETTINGS = {"database_url": "postgresql://nobody@127.0.0.1:1/nothing", "city": DEFAULT_CITY, "pin_secret": "00" * 32}
"""What a service cannot be built without; a service takes what it knows."""


def description_of(service: str) -> dict[str, Any]:
    """OpenAPI 3.1 of `services.<service>`."""
    build = import_module(f"services.{service}.app").build
    settings = get_type_hints(build)["settings"](**_SETTINGS)
    return build(settings).app.openapi()  # type: ignore[no-any-return]
