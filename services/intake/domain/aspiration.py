"""From what a channel hands in to an aspiration of this city, and the events that tell of it."""

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from services.intake.domain.refusal import Refusal, refuse
from shared.city import Areas
from shared.contracts import ids, topics
from shared.contracts.envelope import Record, to_record
from shared.contracts.events import AspirationSubmitted, ContactRegistered, Spot
from shared.contracts.masking import mask
from shared.contracts.submission import Place, Submission

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Nothing that a citizen said before is an aspiration of today: such a date is a mistake."""
_ID_BYTES, CODE_BYTES = 10, 9
ENTROPY = _ID_BYTES + CODE_BYTES
_BODY = set(Submission.model_fields)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One submission on the counter. `channel` is who hands in, by its API key or its topic, not what the body claims."""

    channel: str
    key: str
    submission: Submission
    fingerprint: bytes
    correlation_id: UUID

    @property
    def slot(self) -> tuple[str, str]:
        """What an aspiration is unique by."""
        return self.channel, self.key


@dataclass(frozen=True, slots=True)
class Aspiration:
    """An acceptable one, not yet stored. `title`, `text` and `spot.words` are masked; `handed.submission` is not."""

    id: UUID
    tracking_code: str
    received_at: datetime
    title: str | None
    text: str
    spot: Spot
    handed: HandedIn

    def with_another_code(self, entropy: bytes) -> "Aspiration":
        """The same with another tracking code, because somebody has this one. `entropy`: CODE_BYTES random bytes."""
        return replace(self, tracking_code=ids.tracking_code(entropy))


def fingerprint(submission: Submission) -> bytes:
    """SHA-256 of what the submission says. By meaning, not by bytes, so that all doors agree on what the same body is:
    order of fields, white space and defaults that were written out make no other body.
    """
    return hashlib.sha256(submission.model_dump_json(include=_BODY, exclude_defaults=True).encode()).digest()


def accept(handed: HandedIn, *, areas: Areas, now: datetime, entropy: bytes) -> Aspiration | Refusal:
    """The aspiration, or why this city cannot take it. `entropy`: ENTROPY random bytes."""
    submission = handed.submission
    if refusal := _misdirected(handed) or _misdated(submission, now) or _misplaced(submission.place, areas):
        return refusal
    spot = understand(submission.place, areas)
    if isinstance(spot, Refusal):
        return spot
    return Aspiration(
        id=ids.aspiration_id(int(now.timestamp() * 1000), entropy[:_ID_BYTES]),
        tracking_code=ids.tracking_code(entropy[_ID_BYTES:]),
        received_at=now,
        title=mask(submission.title) if submission.title else None,
        text=mask(submission.text),
        spot=spot,
        handed=handed,
    )


def understand(place: Place, areas: Areas) -> Spot | Refusal:
    """The place with its areas filled in; the most precise word wins: coordinates, then kelurahan, then kecamatan."""
    kelurahan = areas.kelurahan.get(place.kelurahan or "")
    if place.lat is not None and place.lng is not None:
        kelurahan = areas.locate(place.lat, place.lng)
        if kelurahan is None:
            return refuse("invalid-field", "place.lat", "koordinat di luar wilayah kota", "the coordinates are outside the city")
    return Spot(
        lat=place.lat,
        lng=place.lng,
        kelurahan=kelurahan.code if kelurahan else None,
        kecamatan=kelurahan.kecamatan_code if kelurahan else place.kecamatan,
        rw=place.rw,
        words=mask(place.words) if place.words else None,
    )


def _misdirected(handed: HandedIn) -> Refusal | None:
    if handed.submission.channel == handed.channel:
        return None
    return refuse(
        "wrong-channel", "channel",
        f"channel harus {handed.channel}", f"channel must be {handed.channel}",
    )  # fmt: skip


def _misdated(submission: Submission, now: datetime) -> Refusal | None:
    if submission.said_in_the_future(now):
        return refuse("invalid-field", "spoken_at", "waktunya di masa depan", "the time is in the future")
    if submission.spoken_at is not None and submission.spoken_at < EARLIEST:
        return refuse("invalid-field", "spoken_at", "waktunya sebelum tahun 2000", "the time is before the year 2000")
    return None


def _misplaced(place: Place, areas: Areas) -> Refusal | None:
    """A code that the city does not have is a mistake, also beside coordinates that would do without it."""
    if place.kelurahan is not None and place.kelurahan not in areas.kelurahan:
        return refuse("invalid-field", "place.kelurahan", "kode kelurahan tidak dikenal", "no kelurahan has this code")
    if place.kecamatan is not None and place.kecamatan not in areas.kecamatan:
        return refuse("invalid-field", "place.kecamatan", "kode kecamatan tidak dikenal", "no kecamatan has this code")
    return None


def records(aspiration: Aspiration) -> list[Record]:
    """What the world is told: the aspiration without its contact, and the contact without the text, also where there is none."""
    handed, submission = aspiration.handed, aspiration.handed.submission
    told = AspirationSubmitted(
        aspiration_id=aspiration.id,
        received_at=aspiration.received_at,
        spoken_at=submission.spoken_at,
        channel=handed.channel,
        role=submission.role,
        type=submission.type,
        title=aspiration.title,
        text=aspiration.text,
        place=aspiration.spot,
        photos=submission.photos,
        anonymous=submission.anonymous,
        confidential=submission.confidential,
        language=submission.language,
        session=submission.session,
    )
    contact = ContactRegistered(
        aspiration_id=aspiration.id,
        tracking_code=aspiration.tracking_code,
        kind=submission.contact.kind,
        address=submission.contact.address,
        consent=submission.contact.consent,
        language=submission.language,
    )
    return [_record(topics.SUBMITTED, told, aspiration), _record(topics.CONTACTS, contact, aspiration)]


def _record(topic: topics.Topic, data: AspirationSubmitted | ContactRegistered, aspiration: Aspiration) -> Record:
    return to_record(
        topic,
        data,
        key=aspiration.id,
        event_id=ids.event_id(aspiration.id, topic.event_type, 1),
        time=aspiration.received_at,
        correlation_id=aspiration.handed.correlation_id,
    )
