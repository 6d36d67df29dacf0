"""A row of a file becomes a line for intake; what is no CSV is told with its place."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from serap.csv_rows import Columns, Refused, Row, open_csv, read_rows
from serap.errors import OperatorError
from shared.city import City
from shared.contracts.submission import MAX_BODY_BYTES

Read = Callable[..., "list[Row | Refused]"]
Lines = Callable[..., "list[dict[str, Any]]"]
ONLY_TEXT = Columns("text")
ALL = Columns(text="text", id="id", title="title", type="type", at="at", kecamatan="kec", kelurahan="kel", place_words="place")


@pytest.fixture
def rows(city: City, tmp_path: Path) -> Read:
    def read(content: str | bytes, columns: Columns = ONLY_TEXT) -> list[Row | Refused]:
        raw = content if isinstance(content, bytes) else content.encode()
        path = tmp_path / "rows.csv"
        path.write_bytes(raw)
        with open_csv(path) as file:
            return list(read_rows(file, columns, "import", city))

    return read


@pytest.fixture
def lines(rows: Read) -> Lines:
    """What is handed in, where every row can be."""

    def read(content: str | bytes, columns: Columns = ONLY_TEXT) -> list[dict[str, Any]]:
        found = rows(content, columns)
        assert all(isinstance(row, Row) for row in found), found
        return [json.loads(row.body.decode("utf-8", "surrogateescape")) for row in found if isinstance(row, Row)]

    return read


def test_a_row_says_what_its_columns_say(lines: Lines) -> None:
    [line] = lines(
        "id,title,text,type,at,kec,kel,place,other\n"
        "A-1, Lampu ,Lampu jalan padam,pengaduan,2026-03-02T08:00:00+09:00,Cipondoh,Gondrong,depan sekolah,x\n",
        ALL,
    )
    assert line == {
        "idempotency_key": "A-1",
        "channel": "import",
        "text": "Lampu jalan padam",
        "title": "Lampu",
        "type": "pengaduan",
        "spoken_at": "2026-03-02T08:00:00+09:00",
        "place": {"kelurahan": line["place"]["kelurahan"], "kecamatan": "36.71.05", "words": "depan sekolah"},
    }
    assert line["place"]["kelurahan"].startswith("36.71.05.")


def test_what_is_empty_is_left_out_but_the_text_for_intake_to_refuse(lines: Lines) -> None:
    [line] = lines("id,title,text,type,at,kec,kel,place\n,, ,,,,,\n", ALL)
    assert set(line) == {"idempotency_key", "channel", "text"}
    assert line["text"] == ""


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-03-02 08:00:00", "2026-03-02T08:00:00+07:00"),
        ("2026-03-02", "2026-03-02T00:00:00+07:00"),
        ("2026-03-02T08:00:00Z", "2026-03-02T08:00:00+00:00"),
        ("kemarin", "kemarin"),
    ],
)
def test_a_time_without_a_zone_is_on_the_citys_clock_and_what_is_no_time_is_intakes_to_refuse(
    lines: Lines, told: str, meant: str
) -> None:
    assert lines(f"text,at\na,{told}\n", Columns("text", at="at"))[0]["spoken_at"] == meant


@pytest.mark.parametrize(
    ("kec", "kel", "place"),
    [
        ("kec. cipondoh", "", {"kecamatan": "36.71.05"}),
        ("36.71.05", "", {"kecamatan": "36.71.05"}),
        ("Gubeng", "Airlangga", {"words": "kelurahan Airlangga, kecamatan Gubeng"}),
        ("35.78.08", "", {"words": "kecamatan 35.78.08"}),
    ],
)
def test_a_place_of_another_city_is_kept_in_words(lines: Lines, kec: str, kel: str, place: dict[str, str]) -> None:
    columns = Columns("text", kecamatan="kec", kelurahan="kel")
    assert lines(f"text,kec,kel\na,{kec},{kel}\n", columns)[0]["place"] == place


def test_numbers_are_numbers_and_what_is_none_is_intakes_to_refuse(lines: Lines) -> None:
    first, second = lines("text,lat,lng\na,-6.17,106.63\nb,utara,\n", Columns("text", lat="lat", lng="lng"))
    assert first["place"] == {"lat": -6.17, "lng": 106.63}
    assert second["place"] == {"lat": "utara"}


def test_the_same_row_has_the_same_key_wherever_it_stands(lines: Lines) -> None:
    columns = Columns("isi", at="at")
    first, other = lines("isi,at\nLampu padam,2026-01-01\nJalan rusak,\n", columns)
    [again] = lines('at;extra;isi\r\n2026-01-01;x;"Lampu padam "\r\n', columns)
    assert again["idempotency_key"] == first["idempotency_key"] != other["idempotency_key"]


@pytest.mark.parametrize("identity", ["nomor 7", "é", "x" * 201])
def test_an_id_that_cannot_be_a_key_becomes_one_that_can(lines: Lines, identity: str) -> None:
    first, other = lines(f"text,id\na,{identity}\na,{identity}2\n", Columns("text", id="id"))
    assert first["idempotency_key"].startswith("id-sha256:")
    assert first["idempotency_key"] != other["idempotency_key"]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_files_of_any_spreadsheet_are_read(lines: Lines, mark: bytes, separator: str, ending: str) -> None:
    content = separator.join(["text", "id"]) + ending + separator.join(['"satu\ndua, tiga; ""empat"""', "1"]) + ending
    assert [line["text"] for line in lines(mark + content.encode())] == ['satu\ndua, tiga; "empat"']


def test_a_row_is_told_by_its_number_and_the_line_where_it_begins(rows: Read) -> None:
    found = rows('text,id\n"a\n\nb",1\n\nc,2\nd\ne,3\n')
    assert [(row.number, row.line) for row in found if isinstance(row, Row)] == [(1, 2), (2, 6), (4, 8)]
    assert [row for row in found if isinstance(row, Refused)] == [
        Refused(3, 7, "not-csv", None, "has 1 columns instead of 2"),
    ]


def test_a_quote_that_is_never_closed_is_told_where_it_opens(rows: Read) -> None:
    first, second = rows('text\na\n"b\nc\nd\n')
    assert isinstance(first, Row)
    assert second == Refused(2, 3, "not-csv", None, "cannot be read as CSV: unexpected end of data")


def test_bytes_that_are_no_text_reach_intake_as_they_are(rows: Read) -> None:
    [row] = rows(b"text\nbe\xff\xfereft\n")
    assert isinstance(row, Row)
    assert b"be\xff\xfereft" in row.body


def test_a_row_that_no_channel_could_hand_in_is_refused_here(rows: Read) -> None:
    first, second = rows(f"text\n{'x' * MAX_BODY_BYTES}\nb\n")
    assert first == Refused(1, 2, "too-large", None, f"must have at most {MAX_BODY_BYTES} bytes")
    assert isinstance(second, Row)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file has no column text. Its columns: none: the file is empty"),
        (b"isi,judul\na,b\n", "the file has no column text. Its columns: isi, judul"),
        ("text\na\n".encode("utf-16"), "the file is UTF-16. Save it as CSV UTF-8"),
        (b'"text\na\n', "the first line of the file is not CSV"),
    ],
)
def test_what_is_no_such_file_at_all_is_told_at_once(rows: Read, content: bytes, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        rows(content)
