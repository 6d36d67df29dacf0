"""The counter: the one command behind every door by which an aspiration comes in (JSON, NDJSON, Kafka, the form)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.intake.domain.aspiration import HandedIn
from shared.city import City
from shared.contracts.submission import Submission
from shared.runtime.postgres import Database
from shared.runtime.problems import Problem


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the citizen keeps. The same key gets the same receipt again, then `repeated`."""

    aspiration_id: UUID
    tracking_code: str
    pin: str
    received_at: datetime
    repeated: bool


class Counter:
    """`pin_key`: see `IntakeSettings.pin_key`. Safe to share by all tasks of a process."""

    def __init__(self, database: Database, city: City, pin_key: bytes) -> None:
        self._database, self._city, self._pin_key = database, city, pin_key

    async def hand_in(
        self, channel: str, key: str, submission: Submission, *, fingerprint: bytes, correlation_id: UUID
    ) -> Receipt:
        """Stores one submission, or finds what the same `key` of `channel` stored before.

        `fingerprint`: `domain.aspiration.fingerprint(submission)`. Problem: wrong-channel (403), in-flight (409),
        invalid-field or key-reused (422), unavailable (503, with Retry-After; nothing was stored, or the same key finds it).
        """
        handed = HandedIn(channel, key, submission, fingerprint, correlation_id)
        [outcome] = await self.hand_in_all([handed])
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    async def hand_in_all(self, handed: list[HandedIn]) -> list[Receipt | Problem]:
        """One outcome for each, in their order; those that are stored share one transaction."""
        raise NotImplementedError
