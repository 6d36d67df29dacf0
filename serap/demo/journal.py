"""What was handed in and what intake answered: the channels' own book, against which the auditor holds everything."""

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from serap.demo.voices import Spoken


@dataclass(frozen=True, slots=True)
class Accepted:
    """Intake's promise."""

    aspiration_id: UUID
    tracking_code: str
    pin: str


@dataclass(slots=True)
class Entry:
    """One voice: handed in, then accepted or refused with a reason."""

    spoken: Spoken
    accepted: Accepted | None = None
    refused: str | None = None

    @property
    def open(self) -> bool:
        return self.accepted is None and self.refused is None


@dataclass
class Journal:
    """`path`: also written there, a JSON object a line, the intention before it is sent: what a killed simulator leaves.

    `contradictions`: keys to which intake gave two different answers.
    """

    path: Path | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)

    def intend(self, spoken: Spoken) -> None:
        """Before the first attempt to send it."""
        self.entries[spoken.key] = Entry(spoken)
        self._write(key=spoken.key, channel=spoken.channel)

    def accept(self, key: str, accepted: Accepted) -> None:
        """Intake said yes; again, it must say the same."""
        entry = self.entries[key]
        if entry.accepted not in (None, accepted):
            self.contradictions.append(f"{key}: {entry.accepted} and {accepted}")
        if entry.open:
            entry.accepted = accepted
            self._write(key=key, aspiration_id=str(accepted.aspiration_id), code=accepted.tracking_code)

    def refuse(self, key: str, reason: str) -> None:
        """Intake said no."""
        entry = self.entries[key]
        if entry.accepted is not None:
            self.contradictions.append(f"{key}: accepted, and refused: {reason}")
        elif entry.refused is None:
            entry.refused = reason
            self._write(key=key, refused=reason)

    def accepted(self) -> list[tuple[Spoken, Accepted]]:
        """All that intake accepted, in the order of their intention."""
        return [(entry.spoken, entry.accepted) for entry in self.entries.values() if entry.accepted]

    def open(self) -> list[Spoken]:
        """All that have no answer yet."""
        return [entry.spoken for entry in self.entries.values() if entry.open]

    def _write(self, **line: str) -> None:
        if self.path is not None:
            with self.path.open("a") as file:
                file.write(json.dumps({"at": time.time(), **line}) + "\n")
