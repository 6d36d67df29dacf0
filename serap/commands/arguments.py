"""Options that several commands share, and what they mean together."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from serap import state
from serap.data_dir import DEFAULT
from serap.databases import known_dsn
from serap.options import DEFAULT_CITY, StackOptions
from serap.ports import DEFAULT_BASE, PortPlan
from shared.runtime.settings import Settings

Data = Annotated[Path, typer.Option("--data", help="Directory of this stack's data.", metavar="DIR")]
PortBase = Annotated[
    int | None, typer.Option(help=f"First of seven ports; {DEFAULT_BASE} if no stack says otherwise.", metavar="N")
]
CityPack = Annotated[
    Path, typer.Option("--city", help="The city pack; else cities/tangerang.", metavar="DIR", envvar="CITY", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]

DATA: Path = DEFAULT
CITY: Path = DEFAULT_CITY


def options(data: Path, port_base: int | None = None, city: Path = CITY) -> StackOptions:
    """The stack that is meant: the one that runs on `data`, unless a port base is given."""
    data_dir = data.expanduser().absolute()
    known = state.load(data_dir)
    base = port_base or (known.port_base if known else DEFAULT_BASE)
    chosen = StackOptions(data_dir=data_dir, ports=PortPlan(base), city=city)
    return _as_it_runs(chosen, known) if known and known.supervisor.find() else chosen


def _as_it_runs(chosen: StackOptions, known: state.State) -> StackOptions:
    """A stack that was started with a database or broker of the operator's own keeps them when another shell asks about it."""
    if not chosen.database_url and known.database != chosen.database_address:
        chosen = replace(chosen, database_url=f"postgresql://{known.database}/")
    if not chosen.kafka_bootstrap_servers and known.broker != chosen.bootstrap:
        chosen = replace(chosen, kafka_bootstrap_servers=known.broker)
    return chosen


def service_settings(stack: StackOptions, service: str) -> Settings:
    """What a service of the stack is given, for a command that does its work: its database, the broker and how to log in."""
    settings = Settings(  # the rest is read from the environment, e.g. KAFKA_USERNAME
        database_url=known_dsn(stack, service), kafka_bootstrap_servers=stack.bootstrap, city=stack.city.absolute()
    )
    return settings if stack.kafka_bootstrap_servers else settings.model_copy(update={"kafka_idempotence": False})


def say(line: str) -> None:
    """One line for the operator, with the time, on standard error: standard output is for results."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}{os.linesep}")
    sys.stderr.flush()


Step = Callable[[int, int | None], None]
"""Tells how many are done, and of how many; None: nobody knows."""


@contextmanager
def progress(what: str) -> Iterator[Step]:
    """A bar on standard error while something long goes on; silent where no terminal looks at it."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
