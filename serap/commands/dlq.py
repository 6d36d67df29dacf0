"""`serap dlq`: what services could not use, and putting it back."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from serap import dead_letters
from serap.commands.arguments import DATA, Data, Json, options, progress, service_settings
from serap.databases import known_dsn
from serap.dead_letters import DeadLetter, Summary
from serap.errors import OperatorError
from serap.options import StackOptions
from serap.ports import SERVICES
from shared.contracts.masking import mask

Topic = Annotated[str, typer.Argument(help="A dead-letter topic, as serap dlq list names it.", metavar="TOPIC")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Dead letters: what services could not use.", no_args_is_help=True)
    group.command("list")(list_topics)
    group.command("show")(show)
    group.command("redrive")(redrive)
    app.add_typer(group, name="dlq")


def list_topics(data: Data = DATA, as_json: Json = False) -> None:
    """Every dead-letter topic that has something in it: how many, since when, why.

    Examples:

      serap dlq list

      serap dlq list --json | jq '.[] | {topic, count, reasons}'
    """
    found = asyncio.run(_summaries(options(data)))
    if as_json:
        typer.echo(json.dumps([{**asdict(one), "oldest": one.oldest.isoformat()} for one in found]))
    elif not found:
        typer.echo("no dead letters")
    for one in [] if as_json else found:
        reasons = ", ".join(f"{count} {reason}" for reason, count in one.reasons.items())
        typer.echo(f"{one.topic}: {one.count} since {_time(one.oldest)} ({reasons})")


def show(
    topic: Topic,
    limit: Annotated[int, typer.Option(help="At most so many, the newest first.", min=1)] = 20,
    value: Annotated[bool, typer.Option("--value", help="The record itself too. It may hold personal data.")] = False,
    data: Data = DATA,
    as_json: Json = False,
) -> None:
    """Where each dead letter came from, and why it lies here.

    The record itself is shown only with --value: it is what came in, before anything was masked, and may hold personal
    data. The detail of a refusal is our own program's message and may quote a part of it.

    Examples:

      serap dlq show agency.dishub.updates.v1.routing.dlq --limit 5

      serap dlq show citizens.replies.v1.routing.dlq --json --value
    """
    found = asyncio.run(dead_letters.newest(known_dsn(options(data), dead_letters.service_of(topic)), topic, limit))
    rows = [_row(letter, with_value=value) for letter in found]
    if as_json:
        typer.echo(json.dumps(rows))
    elif not rows:
        typer.echo(f"no dead letters in {topic}")
    for row in [] if as_json else rows:
        typer.echo(f"{row.pop('id')}  {row.pop('reason')}: {row.pop('detail')}")
        for name, told in row.items():
            typer.echo(f"      {name:<10} {told}")


def redrive(
    topic: Topic,
    one: Annotated[int | None, typer.Option("--id", help="Only this one.", metavar="N")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that are there now.")] = False,
    data: Data = DATA,
    as_json: Json = False,
) -> None:
    """Put dead letters back on the topic they came from, as they came; do so when what was wrong has been mended.

    A dead letter leaves the list as soon as the broker has its record again. What still cannot be used comes back as a
    new dead letter. Nothing counts twice: every consumer knows what it has seen.

    Examples:

      serap dlq redrive agency.dishub.updates.v1.routing.dlq --id 17

      serap dlq redrive agency.dishub.updates.v1.routing.dlq --all

    Exit status: 0 they went back; 1 there were none, or the broker is away.
    """
    if everything == (one is not None):
        raise typer.BadParameter("give either --id N or --all")
    service = dead_letters.service_of(topic)
    settings = service_settings(options(data), service)
    with progress("dead letters") as on_done:
        done = asyncio.run(dead_letters.redrive(settings, topic, one, on_done))
    if not done:
        which = "are no dead letters" if everything else f"is no dead letter {one}"
        raise OperatorError(f"there {which} in {topic}", "Look: serap dlq list")
    origin = topic.removesuffix(f".{service}.dlq")
    typer.echo(json.dumps({"topic": topic, "redriven": done}) if as_json else f"{done} put back on {origin}")


async def _summaries(stack: StackOptions) -> list[Summary]:
    found = [await dead_letters.summaries(known_dsn(stack, service), service) for service in SERVICES]
    return [summary for of_service in found for summary in of_service]


def _row(letter: DeadLetter, *, with_value: bool) -> dict[str, Any]:
    return {
        "id": letter.id,
        "reason": letter.reason,
        "detail": letter.detail if with_value else mask(letter.detail),
        "origin": f"{letter.topic}/{letter.partition}/{letter.offset}",
        "key": _readable(letter.key) if with_value else mask(_readable(letter.key) or ""),
        "arrived_at": _time(letter.arrived_at),
        "died_at": _time(letter.died_at),
        **({"headers": {name: _readable(told) for name, told in letter.headers}} if with_value else {}),
        **({"value": _readable(letter.value)} if with_value else {}),
    }


def _readable(raw: bytes | None) -> str | None:
    """Bytes as text; what is no UTF-8 as `\\xff`."""
    return None if raw is None else raw.decode(errors="backslashreplace")


def _time(moment: datetime) -> str:
    return moment.astimezone().isoformat(timespec="seconds")
