"""`serap replay`: makes again what is derived from the log."""

import asyncio
import json
import time
from dataclasses import asdict

import typer
from aiokafka.errors import KafkaError

from serap.commands.arguments import CITY, DATA, CityPack, Data, Json, options, progress, service_settings
from serap.databases import connected
from serap.errors import OperatorError
from services.reporting.replay import RebuildError, Rebuilt, Told, rebuild
from shared.runtime.settings import Settings


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Make again what is derived from the log.", no_args_is_help=True)
    group.command("reporting")(reporting)
    app.add_typer(group, name="replay")


def reporting(data: Data = DATA, city: CityPack = CITY, as_json: Json = False) -> None:
    """Make reporting's tables anew from the log, from offset zero, and put them in the place of the live ones.

    Everything goes on while it works. The digests before and after are the same where the live tables were right; they
    differ after a mistake that this has mended. Facts that the broker has lost are taken from the live tables.

    Examples:

      serap replay reporting

      serap replay reporting --json | jq .same

    Exit status: 0 the tables were rebuilt, whether they differ or not; 1 they were left as they are.
    """
    settings = service_settings(options(data, city=city), "reporting")
    started = time.monotonic()
    with progress("records") as on_done:
        rebuilt = asyncio.run(_rebuild(settings, lambda records: on_done(records, None)))
    seconds, same = time.monotonic() - started, rebuilt.digest_before == rebuilt.digest_after
    if as_json:
        typer.echo(json.dumps({**asdict(rebuilt), "same": same, "seconds": round(seconds, 2)}))
        return
    typer.echo(f"{rebuilt.records:,} records read, the tables rebuilt in {seconds:.1f} s")
    typer.echo(f"before {rebuilt.digest_before}\nafter  {rebuilt.digest_after}")
    typer.echo(
        "the same: nothing had gone wrong" if same else "they differ: what the tables said before was wrong, and is mended"
    )


async def _rebuild(settings: Settings, told: Told) -> Rebuilt:
    async with connected(settings.database_url):
        pass  # a database that is away is told in one line
    try:
        return await rebuild(settings, told)
    except RebuildError as error:
        raise OperatorError(f"the tables were left as they are: {error}", "What is wrong: serap doctor") from error
    except KafkaError as error:
        reason = str(error) or type(error).__name__
        raise OperatorError(
            f"the broker at {settings.kafka_bootstrap_servers} cannot be read: {reason}", "What is wrong: serap doctor"
        ) from error
