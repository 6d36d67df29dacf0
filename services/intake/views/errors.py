"""A field that must be mended, for the error summary and for the field itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """`field`: name and id of the field; `key`: what is wrong, in words.toml."""

    field: str
    key: str
