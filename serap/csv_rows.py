"""A CSV file as aspirations: each row becomes a line for `POST /v1/aspirations:batch`, or is told why it cannot.

Read as a stream, so a file may be of any size. What a row says is judged by intake alone, like everyone's; here only
what is not CSV at all is refused.
"""

import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from serap.errors import OperatorError
from shared.city import City
from shared.city.areas import Kecamatan, Kelurahan
from shared.contracts.submission import MAX_BODY_BYTES

_KEY = re.compile(r"[\x21-\x7e]{1,200}")  # as shared.contracts.submission.IdempotencyKey
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Columns:
    """The name of the column that holds each field; None: the file has none. `id`: the row's identity in its source."""

    text: str
    id: str | None = None
    title: str | None = None
    type: str | None = None
    role: str | None = None
    at: str | None = None
    kecamatan: str | None = None
    kelurahan: str | None = None
    rw: str | None = None
    lat: str | None = None
    lng: str | None = None
    place_words: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """`number` counts the rows after the header from 1; `line` is where it begins in the file. `body`: its line of NDJSON."""

    number: int
    line: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a row did not become an aspiration. `slug` and `field` as in problem+json."""

    row: int
    line: int
    slug: str
    field: str | None
    detail: str


def open_csv(path: Path) -> TextIOWrapper:
    """UTF-8 with or without BOM; bytes that are no UTF-8 go on as they are, and intake names the field that holds them."""
    return path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def read_rows(file: TextIO, columns: Columns, channel: str, city: City) -> Iterator[Row | Refused]:
    """Every row of `file`, which `open_csv` opened. OperatorError where it is no such CSV at all."""
    cells = _Cells(file)
    places = {field: cells.place_of(name) for field, name in asdict(columns).items() if name is not None}
    for number, (line, told) in enumerate(cells, 1):
        if isinstance(told, str):
            yield Refused(number, line, "not-csv", None, told)
            continue
        values = {field: told[place].strip() for field, place in places.items()}
        body = json.dumps(_line(values, channel, city), ensure_ascii=False).encode("utf-8", "surrogateescape")
        if len(body) > MAX_BODY_BYTES:
            yield Refused(number, line, "too-large", None, f"must have at most {MAX_BODY_BYTES} bytes")
        else:
            yield Row(number, line, body)


class _Cells:
    """The rows of a CSV file after its header: where each begins, and its cells or what is wrong with it.

    Comma, semicolon and tab are told apart by the header: spreadsheets in Indonesian write semicolons.
    """

    def __init__(self, file: TextIO) -> None:
        csv.field_size_limit(sys.maxsize)
        first = file.readline()
        if first.encode("utf-8", "surrogateescape").startswith(_UTF16):
            raise OperatorError("the file is UTF-16", "Save it as CSV UTF-8")
        separator = max(",;\t", key=first.count)
        self._reader = csv.reader(chain([first], file), delimiter=separator, strict=True)
        try:
            self._header = next(self._reader, [])
        except csv.Error as error:
            raise OperatorError(f"the first line of the file is not CSV: {error}", "Give a CSV file with a header") from error

    def place_of(self, column: str) -> int:
        """The index of a column. OperatorError where the header has none of that name."""
        if column not in self._header:
            known = ", ".join(_shown(name) for name in self._header) or "none: the file is empty"
            raise OperatorError(f"the file has no column {column}", f"Its columns: {known}")
        return self._header.index(column)

    def __iter__(self) -> Iterator[tuple[int, list[str] | str]]:
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield line, f"cannot be read as CSV: {error}"
                continue
            if len(cells) == len(self._header):
                yield line, cells
            elif cells:  # an empty line is no row
                yield line, f"has {len(cells)} columns instead of {len(self._header)}"


def _shown(name: str) -> str:
    """A column's name for a person, also when the file is no text at all."""
    return name.encode("utf-8", "surrogateescape").decode(errors="replace")[:60]


def _line(values: Mapping[str, str], channel: str, city: City) -> dict[str, Any]:
    """The row as a line of a batch. What is empty is left out, but the text: that it must not be empty, intake says."""
    line = {
        "idempotency_key": _key(values),
        "channel": channel,
        "text": values["text"],
        "title": values.get("title"),
        "type": values.get("type"),
        "role": values.get("role"),
        "spoken_at": _moment(values.get("at", ""), city),
        "place": _place(values, city),
    }
    return {name: value for name, value in line.items() if value or name == "text"}


def _key(values: Mapping[str, str]) -> str:
    """The identity of the row wherever it stands: its id, or a hash of all that it says. The same row again has the same."""
    if identity := values.get("id"):
        return identity if _KEY.fullmatch(identity) else f"id-sha256:{_sha256(identity)}"
    return f"sha256:{_sha256(json.dumps({field: value for field, value in sorted(values.items()) if value}, ensure_ascii=False))}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _moment(told: str, city: City) -> str:
    """RFC 3339; without a zone it is the city's clock. What is no time stays as it is, for intake to refuse."""
    try:
        moment = datetime.fromisoformat(told)
    except ValueError:
        return told
    return (moment if moment.tzinfo else moment.replace(tzinfo=city.calendar.timezone)).isoformat()


def _place(values: Mapping[str, str], city: City) -> dict[str, Any]:
    """Areas of this city by their codes; what this city does not have is kept as words."""
    words = [values.get("place_words", "")]
    place: dict[str, Any] = {"rw": values.get("rw"), "lat": _number(values.get("lat")), "lng": _number(values.get("lng"))}
    for level, kind, known in (
        ("kelurahan", Kelurahan, city.areas.kelurahan),
        ("kecamatan", Kecamatan, city.areas.kecamatan),
    ):
        if told := values.get(level):
            found = known.get(told) or city.areas.by_name(f"{level} {told}") or city.areas.by_name(told)
            if isinstance(found, kind):
                place[level] = found.code
            else:
                words.append(f"{level} {told}")
    place["words"] = ", ".join(word for word in words if word)
    return {name: value for name, value in place.items() if value not in (None, "")}


def _number(told: str | None) -> float | str | None:
    """What is no number stays as it is, for intake to refuse."""
    try:
        return float(told) if told else None
    except ValueError:
        return told
