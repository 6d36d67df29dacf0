"""`serap replay reporting` on a running stack."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx

from serap.databases import connected, known_dsn
from serap.options import ROOT
from tests.integration.up import Up
from tests.stack import free_port
from tests.waiting import until


def test_a_replay_tells_whether_the_tables_were_right_and_mends_them(real: Up, tmp_path: Path) -> None:
    file = tmp_path / "suara.csv"
    file.write_text("text,id\n" + "".join(f"Lampu jalan nomor {n} padam,replay-{n}\n" for n in range(50)))
    url = f"{real.options.ports.url('reporting')}/v1/aggregates"

    def total() -> int:
        return int(httpx.get(url, trust_env=False).json()["total"])

    before = total()
    assert real.serap("import", str(file), "--id", "id").returncode == 0

    until("50 more aspirations in the aggregates", lambda: total() == before + 50)
    right = replay(real)
    assert right["same"] is True
    assert right["digest_before"] == right["digest_after"]
    assert int(str(right["records"])) >= 100

    asyncio.run(execute(known_dsn(real.options, "reporting"), "UPDATE cube SET count = count + 1000"))
    assert total() > before + 50
    mended = replay(real)
    assert mended["same"] is False
    assert mended["digest_after"] == right["digest_after"]
    assert total() == before + 50

    words = real.serap("replay", "reporting").stdout.splitlines()
    assert words[0].endswith(" s")
    assert words[-1] == "the same: nothing had gone wrong"


async def execute(dsn: str, sql: str) -> None:
    async with connected(dsn) as connection:
        await connection.execute(sql)


def replay(real: Up) -> dict[str, object]:
    told = real.serap("replay", "reporting", "--json")
    assert told.returncode == 0, told.stderr
    return dict(json.loads(told.stdout))


def test_a_broker_that_is_away_is_told_in_one_line(real: Up) -> None:
    port = free_port()
    command = [sys.executable, "-m", "serap", "replay", "reporting", "--data", str(real.data_dir)]
    environment = {**os.environ, "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{port}"}
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith(f"serap: the broker at 127.0.0.1:{port} cannot be read: ")
    assert len(told.stderr.splitlines()) == 1
