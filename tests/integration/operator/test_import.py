"""`serap import` into a running intake: every row once, whatever happens on the way."""

import asyncio
import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from serap import importer
from serap.commands.keys import with_intake
from serap.csv_rows import Columns, Refused, Row, read_rows
from serap.databases import known_dsn
from serap.errors import OperatorError
from serap.importer import Door, NotNow, Tally, import_rows
from serap.options import ROOT
from services.intake import keys
from shared.city import City
from tests.integration.up import Up
from tests.stack import free_port
from tests.waiting import until

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def file(*rows: Sequence[str], header: Sequence[str] = ("isi", "nomor", "tanggal", "kecamatan")) -> Path:
        path = tmp_path / "suara.csv"
        with path.open("w", newline="") as out:
            csv.writer(out).writerows([header, *rows])
        return path

    return file


MAPPED = ("--text", "isi", "--id", "nomor", "--at", "tanggal", "--kecamatan", "kecamatan")


def imported(real: Up, file: Path, *more: str) -> tuple[list[dict[str, object]], dict[str, int]]:
    """What `serap import --json` says of each refused row, and at the end."""
    told = real.serap("import", str(file), *MAPPED, *more, "--json")
    assert told.returncode == 0, told.stderr
    *refused, last = [json.loads(line) for line in told.stdout.splitlines()]
    return refused, last


async def stored(real: Up, prefix: str) -> int:
    """How many aspirations intake has whose key begins so."""
    connection = await asyncpg.connect(known_dsn(real.options, "intake"))
    try:
        query = "SELECT count(*) FROM aspirations WHERE channel = 'import' AND idempotency_key LIKE $1 || '%'"
        return int(await connection.fetchval(query, prefix))
    finally:
        await connection.close()


def test_every_row_is_new_repeated_or_refused_with_its_place_and_reason(real: Up, write: Write) -> None:
    file = write(
        ["Lampu jalan padam\ndi depan sekolah", "rows-1", "2026-03-02 08:00:00", "Cipondoh"],
        ["  ", "rows-2", "", ""],
        ["Jalan berlubang", "rows-3", "kemarin", "Gubeng"],
        ["Lampu jalan padam\ndi depan sekolah", "rows-1", "2026-03-02 08:00:00", "Cipondoh"],
        ["Sungai meluap", "rows-1", "", ""],
        ["terlalu", "sedikit"],
    )
    refused, last = imported(real, file)
    assert last == {"rows": 6, "new": 1, "repeated": 1, "refused": 4}
    told = {one["row"]: (one["line"], one["slug"], one["field"], one["result"]) for one in refused}
    assert told == {
        2: (4, "invalid-field", "text", "refused"),
        3: (5, "invalid-field", "spoken_at", "refused"),
        5: (8, "key-reused", "idempotency_key", "refused"),
        6: (9, "not-csv", None, "refused"),
    }
    assert all(one["detail"] for one in refused)


def test_the_same_file_again_adds_nothing(real: Up, write: Write) -> None:
    rows = [[f"Suara nomor {n}", "", "2026-03-02", "Cipondoh"] for n in range(30)]
    assert imported(real, write(*rows))[1] == {"rows": 30, "new": 30, "repeated": 0, "refused": 0}
    assert imported(real, write(*reversed(rows)))[1] == {"rows": 30, "new": 0, "repeated": 30, "refused": 0}


def test_a_person_is_told_in_words_and_not_of_every_single_refusal(real: Up, write: Write) -> None:
    told = real.serap("import", str(write(*([""] * 4 for _ in range(25)))), *MAPPED)
    # Rows that are quite empty in all their cells are rows all the same.
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("25 rows, 0 new, 0 repeated, 25 refused in ")
    lines = told.stderr.splitlines()
    assert lines[0] == "row 1 (line 2) refused, invalid-field: text must not be empty"
    assert (len(lines), lines[-1]) == (21, "... and 5 more; all of them: --json")


def test_the_key_of_an_import_ends_with_it(real: Up, write: Write) -> None:
    imported(real, write(["Suara", "key-1", "", ""]))
    listed = json.loads(real.serap("keys", "list", "--json").stdout)
    assert [one["channel"] for one in listed if one["channel"] == "import"]
    assert all(one["revoked_at"] for one in listed if one["channel"] == "import")


def test_after_ctrl_c_its_key_has_ended_and_the_same_command_goes_on(real: Up, write: Write) -> None:
    file = write(*([f"Suara nomor {n}", f"ctrl-c-{n}", "", ""] for n in range(8_000)))
    command = [sys.executable, "-m", "serap", "import", str(file), *MAPPED, "--data", str(real.data_dir)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until("the first rows are in", lambda: asyncio.run(stored(real, "ctrl-c-")))
        process.send_signal(signal.SIGINT)
        told, _ = process.communicate(timeout=60)
    assert (process.returncode, told) == (130, b"")
    listed = json.loads(real.serap("keys", "list", "--json").stdout)
    assert all(one["revoked_at"] for one in listed if one["channel"] == "import")
    came_in = asyncio.run(stored(real, "ctrl-c-"))
    assert 0 < came_in < 8_000
    assert imported(real, file)[1] == {"rows": 8_000, "new": 8_000 - came_in, "repeated": came_in, "refused": 0}


async def test_killed_intake_and_killed_postgres_lose_and_double_nothing(real: Up, city: City) -> None:
    killed: list[str] = []

    def kill_one(why: str = "") -> None:
        """After the first batch intake, after the third PostgreSQL."""
        for count, name in ((1, "intake"), (3, "postgres")):
            if len(batches) == count and name not in killed:
                killed.append(name)
                os.kill(real.pids()[name], signal.SIGKILL)

    batches: list[None] = []

    def on_batch() -> None:
        batches.append(None)
        kill_one()

    waits: list[str] = []
    content = "text,id\n" + "".join(f"Suara nomor {n},killed-{n}\n" for n in range(5000))
    tally = await in_process(real, city, content, on_batch=on_batch, on_wait=waits.append)
    assert killed == ["intake", "postgres"]
    assert waits
    assert tally == Tally(rows=5000, new=5000, repeated=0, refused=0)
    assert await stored(real, "killed-") == 5000
    assert (await in_process(real, city, content)) == Tally(rows=5000, new=0, repeated=5000, refused=0)


class Lossy(Door):
    """The first answer never arrives."""

    lost = False

    def hand_in(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        results = super().hand_in(rows)
        if not self.lost:
            self.lost = True
            raise NotNow("its answer got lost", lost=True)
        return results


async def test_what_came_in_before_its_answer_got_lost_is_new(real: Up, city: City) -> None:
    await in_process(real, city, "text,id\nSuara lama,lost-0\n")
    content = "text,id\nSuara lama,lost-0\nSuara a,lost-1\nSuara b,lost-2\nSuara a,lost-1\n"
    assert await in_process(real, city, content, door=Lossy) == Tally(rows=4, new=2, repeated=2, refused=0)


async def test_a_key_that_is_too_slow_is_told_how_far_it_came(real: Up, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "PATIENCE_SECONDS", 5)
    content = "text,id\n" + "".join(f"Suara nomor {n},slow-{n}\n" for n in range(8))
    waits: list[str] = []
    with pytest.raises(OperatorError) as told:
        await in_process(real, city, content, per_minute=5, on_wait=waits.append)
    assert "took nothing in for 5 s: it answers 429; so far 5 rows, 5 new, 0 repeated, 0 refused" in str(told.value)
    assert waits == ["intake takes nothing in: the key is good for 5 a minute. Again in 0.5 s"]
    assert str(told.value).endswith("The same command again goes on: nothing counts twice")
    assert await in_process(real, city, content) == Tally(rows=8, new=3, repeated=5, refused=0)


def test_an_intake_that_stays_away_is_given_up(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(importer, "FIRST_DELAY", 0.05)
    waits: list[str] = []
    rows = read_rows(io.StringIO("text\na\n"), Columns("text"), "import", city)
    with Door(f"http://127.0.0.1:{free_port()}", "key") as door, pytest.raises(OperatorError, match="does not answer"):
        import_rows(rows, door, on_refused=lambda _: None, on_batch=lambda: None, on_wait=waits.append)
    assert len(waits) == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--key", "1f0c2a9b7d34.wrong"], "does not take it: The API key is unknown or revoked; so far 0 rows"),
        (["--channel", "warung"], "the city has no channel warung. It has: web, "),
        (["--title", "judul"], "the file has no column judul. Its columns: isi, nomor, tanggal, kecamatan"),
    ],
)
def test_what_cannot_work_is_told_at_once(real: Up, write: Write, arguments: list[str], words: str) -> None:
    told = real.serap("import", str(write(["Suara", "wrong-1", "", ""])), *MAPPED, *arguments)
    assert (told.returncode, told.stdout) == (1, "")
    assert words in told.stderr
    assert len(told.stderr.splitlines()) == 1


async def in_process(
    real: Up,
    city: City,
    content: str,
    *,
    door: type[Door] = Door,
    per_minute: int = keys.PER_MINUTE,
    on_batch: Callable[[], None] = lambda: None,
    on_wait: Callable[[str], None] = lambda why: None,
) -> Tally:
    """An import in this process, with a key of its own."""
    key = await with_intake(real.options, lambda connection: keys.add(connection, "import", per_minute=per_minute))
    refused: list[Refused] = []
    rows = read_rows(io.StringIO(content), Columns("text", id="id"), "import", city)
    with door(real.options.ports.url("intake"), key) as opened:
        tally = import_rows(rows, opened, on_refused=refused.append, on_batch=on_batch, on_wait=on_wait)
    assert refused == []
    await with_intake(real.options, lambda connection: keys.revoke(connection, key.split(".")[0]))
    return tally
