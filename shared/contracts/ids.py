"""Ids: of aspirations (ordered by time), of events (derived, so that a republished event is the same event), and the
codes that a person reads."""

import hashlib
import hmac
from uuid import UUID, uuid5

ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
"""23 characters that neither the eye nor the phone confuses: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U V.
Their number is prime, so that the checksum finds every wrong character and every swap of neighbours."""
_CODE_LENGTH = 10
_CITY_PREFIX = "TGR"


def aspiration_id(unix_ms: int, entropy: bytes) -> UUID:
    """A UUIDv7 (RFC 9562): ordered by time, so that a million of them fill an index page by page. `entropy`: 10 random bytes."""
    raw = bytearray(unix_ms.to_bytes(6, "big") + entropy)
    raw[6] = 0x70 | raw[6] & 0x0F
    raw[8] = 0x80 | raw[8] & 0x3F
    return UUID(bytes=bytes(raw))


def event_id(subject: UUID, event_type: str, version: int | str) -> UUID:
    """The id of the event of `event_type` that `subject` has at `version`.

    The type is part of the name: one step of routing may tell the public, the agency and the citizen at the same `ver`.
    """
    return uuid5(subject, f"{event_type}:{version}")


def _check_character(body: str) -> str:
    total = sum((i + 1) * ALPHABET.index(c) for i, c in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def tracking_code(entropy: bytes) -> str:
    """`TGR-XXXXX-XXXXX` from 9 random bytes or more: nine characters drawn (1.8e12 codes) and a checksum."""
    number = int.from_bytes(entropy, "big")
    body = ""
    for _ in range(_CODE_LENGTH - 1):
        number, digit = divmod(number, len(ALPHABET))
        body += ALPHABET[digit]
    code = body + _check_character(body)
    return f"{_CITY_PREFIX}-{code[:5]}-{code[5:]}"


def parse_tracking_code(typed: str) -> str | None:
    """The code in its printed form however it was typed (small letters, spaces, no prefix), or None if it cannot be one."""
    code = "".join(c for c in typed.upper() if c.isalnum())
    if len(code) == _CODE_LENGTH + len(_CITY_PREFIX):
        code = code.removeprefix(_CITY_PREFIX)
    if len(code) != _CODE_LENGTH or any(c not in ALPHABET for c in code) or _check_character(code[:-1]) != code[-1]:
        return None
    return f"{_CITY_PREFIX}-{code[:5]}-{code[5:]}"


def pin(secret: bytes, aspiration: UUID) -> str:
    """Six digits that open an aspiration's text; derived, so that a repeated key gets the same and no PIN lies in a table."""
    digest = hmac.digest(secret, aspiration.bytes, hashlib.sha256)
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"
