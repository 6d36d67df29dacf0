"""What opens an aspiration's text: its PIN, or the key that a page opened with it carries for an hour.

There is no cookie: the page's own forms send the key along, so that the PIN is typed once and stands in no page.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from uuid import UUID

from shared.contracts import ids

OPEN_FOR = timedelta(hours=1)
"""How long a page that lies open on a shared computer still opens; each answer begins the hour anew."""
MAX_WRONG = 10
WINDOW = timedelta(hours=1)
"""Ten guesses an hour at a million PINs: one in twelve codes after a year of guessing without a pause."""

_PIN = re.compile(r"[0-9]{6}")
_KEY = re.compile(r"([0-9a-f]{1,10})\.([0-9a-f]{32})")


def typed_pin(text: str) -> str | None:
    """The PIN as it was typed, without spaces and hyphens; None: it cannot be one."""
    digits = re.sub(r"[\s-]", "", text)
    return digits if _PIN.fullmatch(digits) else None


def pin_opens(secret: bytes, aspiration: UUID, pin: str) -> bool:
    """Whether it is the PIN; takes the same time for every wrong one."""
    return hmac.compare_digest(ids.pin(secret, aspiration).encode(), pin.encode())


def key_of(secret: bytes, aspiration: UUID, now: datetime) -> str:
    """A key that opens this aspiration until an hour after `now`."""
    expires = int((now + OPEN_FOR).timestamp())
    return f"{expires:x}.{_signature(secret, aspiration, expires)}"


def key_opens(secret: bytes, aspiration: UUID, key: str, now: datetime) -> bool:
    """Whether `key` was made for this aspiration and has not expired."""
    parts = _KEY.fullmatch(key)
    if parts is None:
        return False
    expires = int(parts[1], 16)
    return hmac.compare_digest(_signature(secret, aspiration, expires), parts[2]) and now.timestamp() < expires


def _signature(secret: bytes, aspiration: UUID, expires: int) -> str:
    """The word in front keeps it apart from the PIN, which is made with the same secret."""
    message = b"open" + aspiration.bytes + expires.to_bytes(8, "big")
    return hmac.digest(secret, message, hashlib.sha256).hex()[:32]
