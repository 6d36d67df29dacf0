"""The comparison of schemas, by examples: what hurts somebody is found and named, what hurts nobody is let through."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field

from serap.docs.breaking import changes


class Word(StrEnum):
    YES = "yes"
    NO = "no"


class FewerWords(StrEnum):
    YES = "yes"


class MoreWords(StrEnum):
    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Inner(BaseModel):
    lat: float | None = None


class InnerWithoutLat(BaseModel):
    lng: float | None = None


class Before(BaseModel):
    """What was published."""

    number: int
    word: Word = Word.YES
    note: Annotated[str, Field(max_length=100)] | None = None
    ids: list[UUID] = []
    place: Inner = Inner()


def field(name: str, kind: Any, default: Any = ...) -> type[BaseModel]:
    """`Before` with one field of another type, which is how a developer would change it."""
    return type("After", (Before,), {"__annotations__": {name: kind}, **({} if default is ... else {name: default})})


class Renamed(BaseModel):
    amount: int
    word: Word = Word.YES
    note: Annotated[str, Field(max_length=100)] | None = None
    ids: list[UUID] = []
    place: Inner = Inner()


class Closed(Before):
    model_config = ConfigDict(extra="forbid")


def hurting(before: type[BaseModel], after: type[BaseModel]) -> list[str]:
    return [str(change) for change in changes(before.model_json_schema(), after.model_json_schema())]


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (Renamed, ["amount: is now required", "number: is gone"]),
        (field("number", int | None, None), ["number: is no longer always there", "number: may now be null"]),
        (field("number", str), ["number: may no longer be integer", "number: may now be string"]),
        (field("number", Annotated[int, Field(ge=1)]), ["number: minimum is now 1, was free"]),
        (field("word", Word), ["word: is now required"]),
        (field("word", FewerWords, FewerWords.YES), ["word: may no longer be no"]),
        (field("note", Annotated[str, Field(max_length=50)] | None, None), ["note: maxLength is now 50, was 100"]),
        (field("note", Annotated[str, Field(max_length=100)], ""), ["note: may no longer be null"]),
        (field("ids", list[str], []), ["ids[]: format is no longer uuid"]),
        (field("ids", list[int], []), ["ids[]: may no longer be string", "ids[]: may now be integer"]),
        (field("place", InnerWithoutLat, InnerWithoutLat()), ["place.lat: is gone"]),
        (field("extra", str), ["extra: is now required"]),
        (Closed, ["the value: no longer accepts unknown fields"]),
    ],
)
def test_a_change_that_hurts_somebody_is_named_with_its_field(after: type[BaseModel], said: list[str]) -> None:
    assert hurting(Before, after) == said


@pytest.mark.parametrize(
    "after",
    [
        Before,
        field("extra", str | None, None),
        field("word", MoreWords, MoreWords.YES),
        field("note", Annotated[str, Field(max_length=200)] | None, None),
        field("note", str | None, None),
    ],
)
def test_a_change_that_hurts_nobody_is_let_through(after: type[BaseModel]) -> None:
    assert hurting(Before, after) == []


def test_who_is_hurt_is_told_apart() -> None:
    narrowed = changes(Before.model_json_schema(), field("word", Word).model_json_schema())
    loosened = changes(Before.model_json_schema(), field("number", int | None, None).model_json_schema())
    assert [change.narrows for change in narrowed] == [True]
    assert [change.narrows for change in loosened] == [False, False]


def test_what_it_does_not_know_is_an_error_and_not_a_silent_yes() -> None:
    with pytest.raises(ValueError, match="cannot compare patternProperties"):
        changes({"type": "object"}, {"type": "object", "patternProperties": {}})
