"""`serap up`: runs the stack until Ctrl-C."""

import asyncio

import typer

from serap.commands.arguments import CITY, DATA, CityPack, Data, PortBase, options, say
from serap.runner import run_stack
from serap.stack import Stack


def register(app: typer.Typer) -> None:
    app.command("up")(up)


def up(data: Data = DATA, port_base: PortBase = None, city: CityPack = CITY) -> None:
    """Start everything and keep it running until Ctrl-C.

    A part that dies is started again, with back-off. Ctrl-C stops services, broker and database in this order;
    what was stored goes on at the next start.

    Examples:

      serap up

      serap up --data /srv/serap --port-base 9100     a second stack beside the first

      KAFKA_BOOTSTRAP_SERVERS=kafka:9092 serap up     with a Kafka of your own

    Exit status: 0 after Ctrl-C or SIGTERM; 1 when it could not start.
    """
    raise typer.Exit(run_stack(options(data, port_base, city), wait, say))


async def wait(stack: Stack) -> int:
    """Tells when everything is ready, or what is not; then lasts until it is cancelled."""
    missing = await stack.until_ready()
    for service, reason in missing.items():
        say(f"{service} is not ready: {reason}. Log: {stack.data_dir / f'{service}.log'}")
    if not missing:
        say(f"Serap is up. Citizens: {stack.options.ports.url('intake')}  results: {stack.options.ports.url('reporting')}")
    await asyncio.Event().wait()
    return 0
