"""Reads the files of a pack into values; what is wrong is told with file, key and what to do."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

T = TypeVar("T")

_ADVICE = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not known; remove it or correct its spelling",
    "unexpected_keyword_argument": "is not known; remove it or correct its spelling",
}


class CityError(ValueError):
    """A city pack that cannot be used. The message has a line per problem: file, key, what to do."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def problem(path: Path | str, key: str, what: str) -> str:
    """One line: where it is wrong, and what to do."""
    return f"{path}: {key}: {what}" if key else f"{path}: {what}"


def read_toml(path: Path) -> dict[str, Any]:
    """The file as it is. CityError where it is absent or not TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CityError(problem(path, "", "is missing; every city pack has it")) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CityError(problem(path, "", f"is not TOML: {error}")) from error


def checked(kind: type[T], value: object, path: Path, key: str) -> T:
    """`value` as a `kind`, or a CityError that names each wrong key below `key`. None: the key is absent."""
    if value is None:
        raise CityError(problem(path, key, _ADVICE["missing"]))
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        lines = []
        for fault in error.errors(include_url=False):
            where = ".".join([*([key] if key else []), *(str(part) for part in fault["loc"])])
            what = _ADVICE.get(fault["type"], f"{fault['msg']}; it is {fault['input']!r:.60}")
            lines.append(problem(path, where, what))
        raise CityError(*lines) from error


def entries(kind: type[T], tables: Mapping[str, Any], path: Path, within: str = "") -> Mapping[str, T]:
    """Tables `[CODE]` of a file as values that know their code."""
    found: dict[str, T] = {}
    for code, table in tables.items():
        key = f"{within}.{code}" if within else code
        if not isinstance(table, Mapping):
            raise CityError(problem(path, key, f"must be a table; write [{key}] and its keys below"))
        found[code] = checked(kind, {**table, "code": code}, path, key)
    return MappingProxyType(found)
