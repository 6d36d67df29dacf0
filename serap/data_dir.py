"""The data directory of a stack: `./.serap` unless `--data` says otherwise."""

import os
from pathlib import Path

from serap.errors import OperatorError

DEFAULT = Path(".serap")


def prepare(path: Path) -> Path:
    """The directory as an absolute path; made where it is missing, for its owner alone. OperatorError where we may not use it."""
    data_dir = path.expanduser().absolute()
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if data_dir.stat().st_uid != os.geteuid():
            raise OperatorError(f"the data directory {data_dir} belongs to another user", "Give another: --data DIR")
        data_dir.chmod(data_dir.stat().st_mode & 0o710)
    except OSError as error:
        raise OperatorError(
            f"the data directory {data_dir} cannot be used: {error.strerror}", "Give another: --data DIR"
        ) from error
    return data_dir
