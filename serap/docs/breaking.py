"""Whether a new JSON Schema may take the place of a published one.

Two sides can be hurt. A change *narrows* when something that was valid is no longer: records that lie in the log, and
writers that are not yet new, are refused. It *loosens* when a reader meets what it never had to expect: a type that is
new, a field that was promised and is missing. A new optional field, a new word in a closed list, a wider limit hurt nobody:
readers accept unknown fields and skip unknown event types (D3).

Knows the part of JSON Schema that pydantic writes; anything else is a ValueError, not a silent yes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Mapping[str, Any]

_KNOWN = frozenset({
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf", "$ref", "format", "pattern",
    "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems",
    "title", "description", "default", "examples", "$defs", "$schema", "$id",
})  # fmt: skip
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems")
_EXACT = ("format", "pattern")


@dataclass(frozen=True, slots=True)
class Change:
    """`where`: the field, `place.lat`; empty: the whole. `narrows`: hurts writers and old records; else: hurts readers."""

    where: str
    what: str
    narrows: bool

    def __str__(self) -> str:
        return f"{self.where or 'the value'}: {self.what}"


def changes(old: Json, new: Json) -> list[Change]:
    """Every change from `old` to `new` that hurts somebody, in the order of the fields."""
    return list(_compare("", _Schema(old, old), _Schema(new, new)))


@dataclass(frozen=True, slots=True)
class _Schema:
    """A part of a schema, and the whole that its `$ref`s point into."""

    part: Json
    whole: Json

    def by_type(self) -> dict[str, "_Schema"]:
        """The schema of each JSON type that the value may have."""
        part = self._resolved()
        if unknown := set(part) - _KNOWN:
            raise ValueError(f"cannot compare {', '.join(sorted(unknown))}")
        if "anyOf" not in part:
            return {part.get("type", "any"): _Schema(part, self.whole)}
        found: dict[str, _Schema] = {}
        for each in part["anyOf"]:
            for kind, schema in _Schema(each, self.whole).by_type().items():
                if kind in found:
                    raise ValueError(f"cannot compare two alternatives of type {kind}")
                found[kind] = schema
        return found

    def _resolved(self) -> Json:
        part = self.part
        while "$ref" in part:
            part = self.whole["$defs"][part["$ref"].removeprefix("#/$defs/")]
        return part

    def inner(self, part: Json) -> "_Schema":
        return _Schema(part, self.whole)


def _compare(where: str, old: _Schema, new: _Schema) -> Iterator[Change]:
    before, after = old.by_type(), new.by_type()
    for kind in sorted(set(before) - set(after)):
        yield Change(where, f"may no longer be {kind}", narrows=True)
    for kind in sorted(set(after) - set(before)):
        yield Change(where, f"may now be {kind}", narrows=False)
    for kind in sorted(set(before) & set(after)):
        yield from _limits(where, before[kind].part, after[kind].part)
        yield from _fields(where, before[kind], after[kind])
        if "items" in before[kind].part and "items" in after[kind].part:
            yield from _compare(f"{where}[]", old.inner(before[kind].part["items"]), new.inner(after[kind].part["items"]))


def _fields(where: str, old: _Schema, new: _Schema) -> Iterator[Change]:
    before, after = old.part.get("properties", {}), new.part.get("properties", {})
    was, now = set(old.part.get("required", ())), set(new.part.get("required", ()))
    if new.part.get("additionalProperties") is False and old.part.get("additionalProperties") is not False:
        yield Change(where, "no longer accepts unknown fields", narrows=True)
    for name in sorted(now - was):
        yield Change(_join(where, name), "is now required", narrows=True)
    for name, part in before.items():
        if name not in after:
            yield Change(_join(where, name), "is gone", narrows=True)
            continue
        if name in was - now:
            yield Change(_join(where, name), "is no longer always there", narrows=False)
        yield from _compare(_join(where, name), old.inner(part), new.inner(after[name]))


def _limits(where: str, old: Json, new: Json) -> Iterator[Change]:
    if words := _words(old) - _words(new) if _words(new) else set():
        yield Change(where, f"may no longer be {', '.join(sorted(words))}", narrows=True)
    if _words(new) and not _words(old):
        yield Change(where, f"must now be one of {', '.join(sorted(_words(new)))}", narrows=True)
    for limit in (*_UPPER, *_LOWER, *_EXACT):
        if limit in new and _tighter(limit, old.get(limit), new[limit]):
            yield Change(where, f"{limit} is now {new[limit]}, was {old.get(limit, 'free')}", narrows=True)
    for limit in _EXACT:
        if limit in old and limit not in new:
            yield Change(where, f"{limit} is no longer {old[limit]}", narrows=False)


def _words(part: Json) -> set[str]:
    """The closed list of a value, as text; empty: any."""
    return {str(word) for word in part.get("enum", [part["const"]] if "const" in part else [])}


def _tighter(limit: str, before: Any, after: Any) -> bool:
    if before is None or limit in _EXACT:
        return bool(before != after)
    return bool(after < before if limit in _UPPER else after > before)


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
