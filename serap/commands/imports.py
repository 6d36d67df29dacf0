"""`serap import`: a file of aspirations, through the same counter as everyone."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from serap.commands.arguments import CITY, DATA, CityPack, Data, Json, options, progress, say
from serap.commands.keys import kid_of, require_channel, with_intake
from serap.csv_rows import Columns, Refused, open_csv, read_rows
from serap.errors import OperatorError
from serap.importer import Door, import_rows
from serap.options import StackOptions
from serap.stack import city_of
from services.intake import keys

UNHURRIED = 10_000_000
"""Rows a minute for the key of an import: the operator's own work waits for the counter, not for a rate."""
SHOWN = 20
"""Refused rows that a person is shown one by one; --json tells all."""


def register(app: typer.Typer) -> None:
    app.command("import")(import_file)


Name = str | None


def import_file(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header, UTF-8.", metavar="FILE", exists=True, dir_okay=False)],
    text: Annotated[str, typer.Option(help="Column of what was said.", metavar="COLUMN")] = "text",
    id: Annotated[Name, typer.Option(help="Column of the row's identity; else all that it says is.", metavar="COLUMN")] = None,
    title: Annotated[Name, typer.Option(help="Column of a title.", metavar="COLUMN")] = None,
    type: Annotated[Name, typer.Option(help="Column of pengaduan, aspirasi or permintaan_informasi.", metavar="COLUMN")] = None,
    role: Annotated[
        Name, typer.Option(help="Column of resident, rw_rt_head, civil_servant, community or media.", metavar="COLUMN")
    ] = None,
    at: Annotated[
        Name, typer.Option(help="Column of when it was said; without a zone, the city's clock.", metavar="COLUMN")
    ] = None,
    kecamatan: Annotated[Name, typer.Option(help="Column of a kecamatan's name or code.", metavar="COLUMN")] = None,
    kelurahan: Annotated[Name, typer.Option(help="Column of a kelurahan's name or code.", metavar="COLUMN")] = None,
    rw: Annotated[Name, typer.Option(help="Column of the RW's number.", metavar="COLUMN")] = None,
    lat: Annotated[Name, typer.Option(help="Column of the latitude, in degrees.", metavar="COLUMN")] = None,
    lng: Annotated[Name, typer.Option(help="Column of the longitude, in degrees.", metavar="COLUMN")] = None,
    place_words: Annotated[Name, typer.Option(help="Column of the place in words.", metavar="COLUMN")] = None,
    channel: Annotated[str, typer.Option(help="The channel they come by.")] = "import",
    key: Annotated[str, typer.Option(help="An API key of that channel; else one is made for this run.", envvar="SERAP_KEY")] = "",
    url: Annotated[str, typer.Option(help="Address of intake; else this stack's. Needs --key.")] = "",
    data: Data = DATA,
    city: CityPack = CITY,
    as_json: Json = False,
) -> None:
    """Hand in every row of FILE at intake's counter, like any channel. The same file again adds nothing.

    Every row is accepted, repeated (it was there before) or refused; a refused one is told with its row, the line of
    the file where it begins, and the reason. A place that this city does not have is kept in words.
    --json prints an object for each refused row and ends with one line: rows, new, repeated, refused.

    Examples:

      serap import suara.csv --text isi --title judul --id nomor --at tanggal --kecamatan kecamatan

      serap import suara.csv --json | tail -1

    Exit status: 0 every row has its answer; 1 it could not go on: the same command again goes on where it was.
    """
    stack = options(data, city=city)
    require_channel(stack, channel)
    if url and not key:
        raise typer.BadParameter("--url needs the --key of a channel there")
    columns = Columns(text, id, title, type, role, at, kecamatan, kelurahan, rw, lat, lng, place_words)
    started, teller = time.monotonic(), _Teller(as_json)
    with open_csv(file) as source, _key(stack, channel, key) as usable, progress("bytes of the file") as on_done:
        size = file.stat().st_size
        with Door(url or stack.ports.url("intake"), usable) as door:
            tally = import_rows(
                read_rows(source, columns, channel, city_of(stack)),
                door,
                on_refused=teller.refused,
                on_batch=lambda: on_done(os.lseek(source.fileno(), 0, os.SEEK_CUR), size),
                on_wait=say,
            )
    teller.end()
    typer.echo(json.dumps(asdict(tally)) if as_json else f"{tally} in {time.monotonic() - started:.1f} s")


@contextmanager
def _key(stack: StackOptions, channel: str, given: str) -> Iterator[str]:
    """The given key; or one of our own for as long as we need it."""
    if given:
        yield given
        return
    made = asyncio.run(with_intake(stack, lambda connection: keys.add(connection, channel, per_minute=UNHURRIED)))
    try:
        yield made
    finally:
        try:
            asyncio.run(with_intake(stack, lambda connection: keys.revoke(connection, kid_of(made))))
        except OperatorError as error:
            say(f"the key of this import still works: {error.what}. Later: serap keys revoke {kid_of(made)}")


class _Teller:
    """Tells the operator of refused rows: a program of all, a person of the first SHOWN and how many more."""

    def __init__(self, as_json: bool) -> None:
        self._as_json, self._count = as_json, 0

    def refused(self, one: Refused) -> None:
        self._count += 1
        if self._as_json:
            typer.echo(json.dumps({**asdict(one), "result": "refused"}))
        elif self._count <= SHOWN:
            field = f"{one.field} " if one.field else ""
            typer.echo(f"row {one.row} (line {one.line}) refused, {one.slug}: {field}{one.detail}", err=True)

    def end(self) -> None:
        if not self._as_json and self._count > SHOWN:
            typer.echo(f"... and {self._count - SHOWN} more; all of them: --json", err=True)
