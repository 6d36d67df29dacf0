"""`serap topics`: what the broker should have, and making it so."""

import json

import typer

from serap import topics as broker_topics
from serap.commands.arguments import CITY, DATA, CityPack, Data, Json, PortBase, options
from serap.stack import city_topics
from shared.contracts.topics import Topic

DAY_MS = 24 * 3600 * 1000


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="The broker's topics.", no_args_is_help=True)
    group.command("list")(list_topics)
    group.command("apply")(apply)
    app.add_typer(group, name="topics")


def list_topics(city: CityPack = CITY, as_json: Json = False) -> None:
    """Every topic of the city as it is declared: who writes, who reads, how long it is kept. Asks no broker.

    Examples:

      serap topics list

      serap topics list --json | jq '.[] | select(.personal_data == "contact")'
    """
    rows = [_row(topic) for topic in city_topics(options(DATA, city=city))]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    widths = {name: max(len(name), *(len(str(row[name])) for row in rows)) for name in rows[0]}
    typer.echo("  ".join(name.ljust(width) for name, width in widths.items()).rstrip())
    for row in rows:
        typer.echo("  ".join(str(row[name]).ljust(width) for name, width in widths.items()).rstrip())


def apply(data: Data = DATA, port_base: PortBase = None, city: CityPack = CITY, as_json: Json = False) -> None:
    """Create the topics that are missing. Tells what differs from the declaration; changes and deletes nothing.

    Example:

      KAFKA_BOOTSTRAP_SERVERS=kafka:9092 serap topics apply

    Exit status: 0 all are there as declared; 1 some differ, or the broker is away.
    """
    stack = options(data, port_base, city)
    done = broker_topics.apply(stack.bootstrap, city_topics(stack), stack.kafka_security)
    if as_json:
        typer.echo(json.dumps({"created": done.created, "existing": done.existing, "differing": done.differing}))
    else:
        counts = f"{len(done.created)} created, {len(done.existing)} there before, {len(done.differing)} differing"
        typer.echo(f"{stack.bootstrap}: {counts}")
        for name, differences in done.differing.items():
            typer.echo(f"  {name}: {'; '.join(differences)}")
    raise typer.Exit(1 if done.differing else 0)


def _row(topic: Topic) -> dict[str, str | int]:
    kept = "compacted" if topic.compacted else "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // DAY_MS} d"
    return {
        "topic": topic.name,
        "partitions": topic.partitions,
        "kept": kept,
        "personal_data": topic.personal_data.value,
        "writer": topic.writer,
        "readers": ", ".join(topic.readers),
        "key": topic.key,
        "about": topic.about,
    }
