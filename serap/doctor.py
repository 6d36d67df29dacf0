"""What can be wrong with a stack on this machine, and how to mend it. Each check looks at one thing."""

import asyncio
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import psutil

from serap import health, secret_store, state, topics
from serap.databases import known_dsn
from serap.embedded.broker import broker_program
from serap.embedded.system_user import bundled_programs
from serap.errors import OperatorError
from serap.options import ROOT, StackOptions
from serap.ports import SERVICES, is_free
from serap.stack import city_topics
from shared.runtime.postgres import RUNTIME_MIGRATIONS

OLDEST_PYTHON = (3, 11)
_DATABASE_ERRORS = (OSError, TimeoutError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError)
DISK_BYTES, MEMORY_BYTES = 1_000_000_000, 1_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`wrong`: empty when all is well. `fix`: what to do. `note`: what was seen."""

    check: str
    note: str = ""
    wrong: str = ""
    fix: str = ""


def examine(options: StackOptions) -> Iterator[Finding]:
    """One finding after the other, as they are made. What a check meets as OperatorError is what is wrong."""
    running = is_running(options)
    database = bool(options.database_url) or running
    broker = bool(options.kafka_bootstrap_servers) or running
    checks: list[tuple[str, Callable[[StackOptions], Iterator[Finding]], bool]] = [
        ("python", _python, True),
        ("data directory", _data_dir, True),
        ("disk", _disk, True),
        ("memory", _memory, not running),
        ("city pack", _city, True),
        ("embedded database", _embedded_database, not options.database_url),
        ("embedded broker", _embedded_broker, not options.kafka_bootstrap_servers),
        ("ports", _ports, not running),
        ("database", _databases, database),
        ("topics", _topics, broker),
        ("services", _services, running),
    ]
    for name, check, applies in checks:
        if applies:
            try:
                for finding in check(options):
                    yield finding if finding.wrong else replace(finding, fix="")
            except OperatorError as error:
                yield Finding(name, wrong=error.what, fix=error.fix)
    if not running:
        yield Finding("services", note="no stack runs here; start one with: serap up")


def is_running(options: StackOptions) -> bool:
    known = state.load(options.data_dir)
    return known is not None and known.supervisor.find() is not None


def _python(_: StackOptions) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    old = sys.version_info[:2] < OLDEST_PYTHON
    yield Finding("python", version, "Python is older than 3.11" if old else "", "Install a newer one, then: make install")


def _data_dir(options: StackOptions) -> Iterator[Finding]:
    path = options.data_dir
    if not path.exists():
        yield Finding("data directory", f"{path} will be made by the first serap up")
        return
    for entry, allowed in ((path, 0o710), (path / secret_store.FILE, 0o600)):
        if entry.exists() and (mode := stat.S_IMODE(entry.stat().st_mode)) & ~allowed:
            open_to_others = f"others may look into {entry} (mode {mode:o})"
            yield Finding("data directory", wrong=open_to_others, fix=f"chmod {allowed:o} {entry}")
            return
    yield Finding("data directory", str(path))


def _disk(options: StackOptions) -> Iterator[Finding]:
    place = next(parent for parent in (options.data_dir, *options.data_dir.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    wrong = f"{free / 1e9:.1f} GB are free at {place}, {DISK_BYTES / 1e9:.0f} GB are needed" if free < DISK_BYTES else ""
    yield Finding("disk", f"{free / 1e9:.0f} GB free", wrong, "Make room, or use another disk: --data DIR")


def _memory(_: StackOptions) -> Iterator[Finding]:
    free = psutil.virtual_memory().available
    wrong = f"{free / 1e9:.1f} GB of memory are free, {MEMORY_BYTES / 1e9:.0f} GB are needed" if free < MEMORY_BYTES else ""
    yield Finding("memory", f"{free / 1e9:.1f} GB free", wrong, "Stop other programs")


def _city(options: StackOptions) -> Iterator[Finding]:
    yield Finding("city pack", f"{options.city.name}, {len(city_topics(options))} topics")


def _embedded_database(_: StackOptions) -> Iterator[Finding]:
    programs = bundled_programs()
    missing = "" if (programs / "postgres").exists() else f"{programs} has no PostgreSQL for this machine"
    yield Finding("embedded database", "PostgreSQL is installed", missing, "Set DATABASE_URL to your own")


def _embedded_broker(_: StackOptions) -> Iterator[Finding]:
    yield Finding("embedded broker", Path(broker_program()).name)


def _ports(options: StackOptions) -> Iterator[Finding]:
    taken = [f"{port} ({part})" for part, port in options.ports.all().items() if not is_free(port)]
    wrong = f"taken: {', '.join(taken)}" if taken else ""
    ports = list(options.ports.all().values())
    yield Finding("ports", f"{ports[0]}-{ports[-1]} are free", wrong, "Stop what listens there, or: serap up --port-base 8800")


def _databases(options: StackOptions) -> Iterator[Finding]:
    secrets = secret_store.load(options.data_dir)
    if secrets is None:
        yield from _reachable(options)
        return
    for service in secrets.databases:
        try:
            pending = asyncio.run(_pending_migrations(known_dsn(options, service), service))
        except _DATABASE_ERRORS as error:
            yield _database_trouble(options, f"{service}: {str(error) or type(error).__name__}")
            continue
        wrong = f"{service}: migrations are missing: {', '.join(pending)}" if pending else ""
        yield Finding("database", f"{service}: migrations up to date", wrong, "serap up applies them")


def _reachable(options: StackOptions) -> Iterator[Finding]:
    """Before the first `serap up` nobody but the administrator can log in."""

    async def connect() -> None:
        await (await asyncpg.connect(options.database_url, timeout=5)).close()

    try:
        asyncio.run(connect())
    except _DATABASE_ERRORS as error:
        yield _database_trouble(options, str(error) or type(error).__name__)
    else:
        yield Finding("database", f"{options.database_address} answers; serap up makes the services' databases")


def _database_trouble(options: StackOptions, reason: str) -> Finding:
    return Finding("database", wrong=reason, fix=f"Is {options.database_address} right, and does it run? Then: serap up")


async def _pending_migrations(dsn: str, service: str) -> list[str]:
    """Names of migrations that the database has not seen, as `shared.runtime.postgres.migrate` names them."""
    folders = {"runtime": RUNTIME_MIGRATIONS, "service": ROOT / "services" / service / "migrations"}
    declared = [f"{prefix}/{path.name}" for prefix, folder in folders.items() for path in sorted(folder.glob("*.sql"))]
    connection = await asyncpg.connect(dsn, timeout=5)
    try:
        applied = {row["name"] for row in await connection.fetch("SELECT name FROM schema_migrations")}
    except asyncpg.UndefinedTableError:
        applied = set()
    finally:
        await connection.close()
    return [name for name in declared if name not in applied]


def _topics(options: StackOptions) -> Iterator[Finding]:
    declared = city_topics(options)
    try:
        missing = topics.missing(options.bootstrap, declared, options.kafka_security)
    except OperatorError as error:
        yield Finding("topics", wrong=error.what, fix=f"Is {options.bootstrap} right, and does it run?")
        return
    wrong = f"{len(missing)} are missing on {options.bootstrap}, e.g. {missing[0]}" if missing else ""
    yield Finding("topics", f"all are on {options.bootstrap}", wrong, "serap topics apply")


def _services(options: StackOptions) -> Iterator[Finding]:
    for service in SERVICES:
        found = health.ask(options.ports.url(service))
        wrong = "; ".join(f"{part}: {reason}" for part, reason in found.missing.items()) or "not ready"
        log = options.data_dir / f"{service}.log"
        yield Finding("services", f"{service} is ready", "" if found.ready else f"{service} is not ready: {wrong}", f"See {log}")
