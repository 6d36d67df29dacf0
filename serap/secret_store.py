"""The passwords of a stack: made once, kept in `secrets.json` of its data directory, readable by its owner alone."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from serap.errors import OperatorError
from serap.ports import SERVICES

FILE = "secrets.json"


@dataclass(frozen=True)
class Secrets:
    """`databases`: by service. `pin`: the key from which intake derives citizens' PINs; with another one, PINs are wrong."""

    postgres: str
    databases: dict[str, str]
    pin: str


def load_or_make(data_dir: Path) -> Secrets:
    """The stack's secrets; made at the first call. OperatorError where the file is there but cannot be used."""
    found = load(data_dir)
    if found is None:
        databases = {name: secrets.token_urlsafe(24) for name in SERVICES}
        found = Secrets(secrets.token_urlsafe(24), databases, secrets.token_hex(32))
        _write(data_dir / FILE, found)
    return found


def load(data_dir: Path) -> Secrets | None:
    """The stack's secrets; None where there are none yet. OperatorError as above."""
    path = data_dir / FILE
    try:
        return Secrets(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as error:
        raise OperatorError(f"{path} cannot be used: {error}", "Put a backup of it back, or use another --data") from error


def _write(path: Path, content: Secrets) -> None:
    """All or nothing: a half-written file would lock us out of our own database."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(content), file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
