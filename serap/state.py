"""What runs, on the disk: `lock` (one supervisor per data directory) and `state.json` (who runs where, without secrets)."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from serap.errors import OperatorError
from serap.processes import Identity

LOCK, STATE = "lock", "state.json"


@dataclass(frozen=True, slots=True)
class Running:
    """One process of a stack. `url`: where it answers; `command`: its argv, by which it is recognised again."""

    name: str
    pid: int
    started: float
    url: str
    command: tuple[str, ...]
    stop_signal: int

    @property
    def identity(self) -> Identity:
        return Identity(self.pid, self.started)


@dataclass
class State:
    """`processes` by name, in the order they were started. Addresses without passwords: `host:port`."""

    supervisor: Identity
    port_base: int
    broker: str = ""
    database: str = ""
    processes: dict[str, Running] = field(default_factory=dict)

    def save(self, data_dir: Path) -> None:
        """All or nothing: a reader sees the old state or the new one."""
        draft = data_dir / f"{STATE}.new"
        draft.touch(0o600)
        draft.write_text(json.dumps(asdict(self), indent=2))
        draft.rename(data_dir / STATE)


def load(data_dir: Path) -> State | None:
    """The last saved state; None where there is none that can be read."""
    try:
        saved = json.loads((data_dir / STATE).read_text())
        supervisor = Identity(**saved.pop("supervisor"))
        processes = {name: _running(entry) for name, entry in saved.pop("processes").items()}
        return State(supervisor=supervisor, processes=processes, **saved)
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None


def _running(entry: dict[str, object]) -> Running:
    return Running(**{**entry, "command": tuple(entry["command"])})  # type: ignore[arg-type]  # checked by the caller's except


@contextmanager
def exclusive(data_dir: Path) -> Iterator[None]:
    """Holds the data directory for this process. The kernel frees it when we die, so it is never stale.

    OperatorError where another supervisor holds it.
    """
    with os.fdopen(os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(
                f"serap is already running on {data_dir} (process {file.read().strip() or 'unknown'})",
                "Look with: serap status. For a second stack beside it: serap up --data DIR --port-base 8800",
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
