"""What all contract models have in common: immutable, and free of what PostgreSQL and UTF-8 cannot hold."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

UNSTORABLE = PydanticCustomError("unstorable", "must not contain NUL characters or lone surrogates")
"""Our own errors have a type, like pydantic's: whoever answers in another language translates by it."""


def _storable(text: str) -> str:
    """PostgreSQL's text has no NUL, UTF-8 has no lone surrogate; refuse them where they come in."""
    if "\x00" in text:
        raise UNSTORABLE
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UNSTORABLE from None
    return text


STORABLE = AfterValidator(_storable)
"""For a string with constraints of its own, and after them: pydantic strips a string too late if a function stands first."""

Text = Annotated[str, STORABLE]
"""A string that every store can hold."""


class EventData(BaseModel):
    """Data of an event. Unknown extra fields are accepted and dropped, so that a newer producer breaks nobody (D3)."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Body(BaseModel):
    """A body that somebody outside hands in. A field we do not know is refused by name: most are typing mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")
