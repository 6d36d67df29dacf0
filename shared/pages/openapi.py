"""An API reference that works offline: an OpenAPI 3.1 description as values for `openapi.html`, without script."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a property. `links`: names of schemas that its type speaks of; `where`: path, query, header or empty."""

    name: str
    kind: str
    links: tuple[str, ...]
    required: bool
    about: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """One media type of a request or of a response with `status`."""

    media_type: str
    kind: str
    links: tuple[str, ...]
    about: str
    status: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `anchor`: its id on the page."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[Field, ...]
    bodies: tuple[Body, ...]
    responses: tuple[Body, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """A named model. `kind`: what it is, if it is not an object of `fields`."""

    name: str
    kind: str
    about: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Reference:
    """The whole page."""

    title: str
    version: str
    about: str
    operations: tuple[Operation, ...]
    schemas: tuple[Schema, ...]


def reference(openapi: Json) -> Reference:
    """The page of `app.openapi()`."""
    schemas = openapi.get("components", {}).get("schemas", {})
    operations = [
        _operation(path, method, item[method], item.get("parameters", []))
        for path, item in openapi.get("paths", {}).items()
        for method in METHODS
        if method in item
    ]
    info = openapi.get("info", {})
    return Reference(
        info.get("title", ""),
        info.get("version", ""),
        info.get("description", ""),
        tuple(operations),
        tuple(_schema(name, schema) for name, schema in schemas.items()),
    )


def _operation(path: str, method: str, told: Json, shared: list[Json]) -> Operation:
    parameters = [_parameter(each) for each in (*shared, *told.get("parameters", []))]
    responses = [body for status, each in told.get("responses", {}).items() for body in _response(status, each)]
    anchor = method + "".join(c if c.isalnum() else "-" for c in path)
    body = told.get("requestBody", {})
    return Operation(
        anchor,
        method.upper(),
        path,
        told.get("summary", ""),
        told.get("description", ""),
        tuple(parameters),
        tuple(_bodies(body.get("content", {}), body.get("description", ""))),
        tuple(responses),
    )


def _parameter(told: Json) -> Field:
    kind, links = type_of(told.get("schema", {}))
    about = told.get("description") or told.get("schema", {}).get("description", "")
    return Field(told.get("name", ""), kind, links, told.get("required", False), about, told.get("in", ""))


def _bodies(content: Json, about: str, status: str = "") -> Iterator[Body]:
    for media_type, told in content.items():
        kind, links = type_of(told.get("schema", {}))
        example = json.dumps(told["example"], indent=2, ensure_ascii=False) if "example" in told else ""
        yield Body(media_type, kind, links, about, status, example)


def _response(status: str, told: Json) -> list[Body]:
    about = told.get("description", "")
    return list(_bodies(told.get("content", {}), about, status)) or [Body("", "", (), about, status)]


def _schema(name: str, told: Json) -> Schema:
    required = told.get("required", [])
    fields = []
    for field, schema in told.get("properties", {}).items():
        kind, links = type_of(schema)
        fields.append(Field(field, kind, links, field in required, schema.get("description", "")))
    return Schema(name, "" if fields else type_of(told)[0], told.get("description", ""), tuple(fields))


def type_of(schema: Json) -> tuple[str, tuple[str, ...]]:
    """A type in words (`string (uuid)`, `list of Place`, `a | b`) and the names of the schemas in it."""
    if "$ref" in schema:
        name = str(schema["$ref"]).rsplit("/", 1)[-1]
        return name, (name,)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            parts = [type_of(each) for each in schema[several]]
            return " | ".join(kind for kind, _ in parts), tuple(name for _, names in parts for name in names)
    if "enum" in schema:
        return " | ".join(json.dumps(value, ensure_ascii=False) for value in schema["enum"]), ()
    if "const" in schema:
        return json.dumps(schema["const"], ensure_ascii=False), ()
    if schema.get("type") == "array":
        kind, links = type_of(schema.get("items", {}))
        return f"list of {kind}", links
    return _plain(schema), ()


def _plain(schema: Json) -> str:
    """The type with its format and its limits."""
    told = schema.get("type", "any")
    kind = " | ".join(told) if isinstance(told, list) else str(told)
    limits = [schema["format"]] if "format" in schema else []
    for key, sign in (("minLength", "≥"), ("maxLength", "≤"), ("minimum", "≥"), ("maximum", "≤"), ("pattern", "~")):
        if key in schema:
            limits.append(f"{sign} {schema[key]}{' chars' if key.endswith('Length') else ''}")
    return f"{kind} ({', '.join(map(str, limits))})" if limits else kind
