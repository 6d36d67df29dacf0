"""`serap status`: how a running stack does."""

import json
from pathlib import Path
from typing import Any

import typer

from serap import health, state
from serap.commands.arguments import DATA, Data, Json
from serap.databases import PREFIX
from serap.errors import OperatorError
from serap.ports import SERVICES


def register(app: typer.Typer) -> None:
    app.command("status")(status)


def status(data: Data = DATA, as_json: Json = False) -> None:
    """What runs, where, whether it is ready, and what is waiting.

    Examples:

      serap status

      serap status --json | jq '.services[] | {name, ready, lag_records}'

    Exit status: 0 every service is ready; 1 one is not, or no stack runs on this data directory.
    """
    told = report(data.expanduser().absolute())
    typer.echo(json.dumps(told) if as_json else _in_words(told))
    raise typer.Exit(0 if all(service["ready"] for service in told["services"]) else 1)


def report(data_dir: Path) -> dict[str, Any]:
    """What `--json` prints. OperatorError where no stack runs on `data_dir`."""
    known = state.load(data_dir)
    if known is None or known.supervisor.find() is None:
        raise OperatorError(f"no stack runs on {data_dir}", "Start one: serap up")
    services = [_service(name, known) for name in SERVICES]
    return {
        "data": str(data_dir),
        "supervisor": known.supervisor.pid,
        "services": services,
        "outbox": {
            "rows": sum(service["outbox"]["rows"] for service in services),
            "age_seconds": max(service["outbox"]["age_seconds"] for service in services),
        },
        "dlq": {topic: count for service in services for topic, count in service["dlq"].items()},
        "broker": known.broker,
        "database": known.database,
    }


def _service(name: str, known: state.State) -> dict[str, Any]:
    running = known.processes.get(name)
    if running is None or running.identity.find() is None:
        found, pid = health.Health(missing={"service": "does not run"}), None
    else:
        found, pid = health.ask(running.url), running.pid
    return {
        "name": name,
        "pid": pid,
        "url": running.url if running else None,
        "ready": found.ready,
        "missing": dict(found.missing),
        "lag_records": found.lag_records,
        "lag_seconds": found.lag_seconds,
        "lag": {topic: {"records": records, "seconds": seconds} for topic, (records, seconds) in found.lag.items()},
        "outbox": {"rows": found.outbox_rows, "age_seconds": found.outbox_age_seconds},
        "dlq": found.dead_letters,
        "database": f"{known.database}/{PREFIX}{name}",
    }


def _in_words(told: dict[str, Any]) -> str:
    lines = [f"{'service':<10} {'pid':>7}  {'url':<22} {'ready':<6} {'lag':>8} {'seconds':>8} {'outbox':>8} {'dlq':>5}"]
    for one in told["services"]:
        ready, dead = "yes" if one["ready"] else "no", sum(one["dlq"].values())
        lines.append(
            f"{one['name']:<10} {one['pid'] or '-':>7}  {one['url'] or '-':<22} {ready:<6} {one['lag_records']:>8.0f} "
            f"{one['lag_seconds']:>8.1f} {one['outbox']['rows']:>8.0f} {dead:>5.0f}"
        )
        lines += [f"           {part}: {reason}" for part, reason in one["missing"].items()]
    lines.append(f"broker {told['broker']}  database {told['database']}  data {told['data']}  supervisor {told['supervisor']}")
    return "\n".join(lines)
