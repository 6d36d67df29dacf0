"""What a channel hands in: the body of `POST /v1/aspirations` and of `channel.<name>.submissions.v1`."""

from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.contracts.base import STORABLE, Body
from shared.contracts.masking import mask
from shared.contracts.vocabulary import AspirationType, ContactKind, Language, Role

MAX_BODY_BYTES = 64 * 1024
MAX_TEXT = 20_000
MAX_KEY = 200

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), STORABLE]
ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,29}$")]
IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]
"""1 to 200 printable ASCII characters without spaces, chosen by the channel, unique in that channel."""


def _no_identifier(code: str) -> str:
    """It is kept for ever, in facts that hold no person."""
    if mask(code) != code:
        raise PydanticCustomError("identifier", "must be a code, not a person's number")
    return code


SessionCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,39}$"),
    AfterValidator(_no_identifier),
]
"""The city's code of a forum session, e.g. FKP-2026-11: up to 40 letters and digits, with . _ / - between them."""


class Place(Body):
    """Where it is: any of these, most precise wins. Codes are Kemendagri codes (`36.71.01.1001`)."""

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    lng: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    kelurahan: Annotated[str, StringConstraints(pattern=r"^\d\d\.\d\d\.\d\d\.\d{4}$")] | None = None
    kecamatan: Annotated[str, StringConstraints(pattern=r"^\d\d\.\d\d\.\d\d$")] | None = None
    rw: Annotated[str, StringConstraints(pattern=r"^\d{1,3}$")] | None = None
    words: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500), STORABLE] | None = None

    @model_validator(mode="after")
    def _both_coordinates(self) -> Self:
        if (self.lat is None) != (self.lng is None):
            raise PydanticCustomError("half_a_point", "lat and lng belong together")
        return self


class Contact(Body):
    """How the citizen wants to be told. It never travels with the text (D6)."""

    kind: ContactKind = ContactKind.NONE
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), STORABLE] | None = None
    consent: bool = False

    @model_validator(mode="after")
    def _address_fits(self) -> Self:
        if self.kind is ContactKind.ERASED:
            raise PydanticCustomError("contact_kind", "kind must be none, email, sms or whatsapp")
        if self.kind is ContactKind.NONE:
            if self.address:
                raise PydanticCustomError("address_unused", "address is given, but kind is none")
            return self
        if not self.address:
            raise PydanticCustomError("address_missing", "address is missing for kind {kind}", {"kind": self.kind.value})
        if self.kind is ContactKind.EMAIL:
            local, at, domain = self.address.partition("@")
            # What an SMTP envelope can carry; whether the mailbox exists only sending tells.
            if not (local and at and "." in domain) or any(c.isspace() or c in "<>,;@" for c in local + domain):
                raise PydanticCustomError("not_an_email", "address is not an e-mail address")
        elif not 8 <= len(digits := self.address.removeprefix("+")) <= 15 or not (digits.isascii() and digits.isdigit()):
            raise PydanticCustomError("not_a_phone", "address is not a phone number: 8 to 15 digits, + allowed in front")
        return self


class Submission(Body):
    """One aspiration as a channel hands it in."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TEXT), STORABLE]
    title: Short | None = None
    type: AspirationType | None = Field(None, description="if the citizen chose one")
    channel: ChannelName = Field(description="must be the channel of the API key, or of the topic")
    role: Role = Role.RESIDENT
    session: SessionCode | None = Field(None, description="code of the forum session it was spoken at")
    place: Place = Place()
    photos: Annotated[list[Short], Field(max_length=10)] = Field(default=[], description="references, not bytes")
    anonymous: bool = Field(False, description="identity hidden from the agency and the public")
    confidential: bool = Field(False, description="content closed to the public")
    language: Language = Language.ID
    contact: Contact = Contact()
    spoken_at: AwareDatetime | None = Field(None, description="when the citizen said it, if earlier; RFC 3339")

    def said_in_the_future(self, now: datetime, tolerance: timedelta = timedelta(minutes=5)) -> bool:
        """A voice from the future is a mistake of the channel's clock; a few minutes are forgiven."""
        return self.spoken_at is not None and self.spoken_at > now + tolerance
