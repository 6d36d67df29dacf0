"""Options that several commands share, and what they mean together."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from serap import state
from serap.data_dir import DEFAULT
from serap.options import DEFAULT_CITY, StackOptions
from serap.ports import DEFAULT_BASE, PortPlan

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
    return StackOptions(data_dir=data_dir, ports=PortPlan(base), city=city)


def say(line: str) -> None:
    """One line for the operator, with the time, on standard error: standard output is for results."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {line}{os.linesep}")
    sys.stderr.flush()
