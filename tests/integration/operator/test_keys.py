"""`serap keys` against a running intake."""

import json
import re
import subprocess

import httpx
import pytest

from tests.integration.up import Up
from tests.waiting import until


def hand_in(real: Up, key: str, channel: str) -> int:
    body = {"channel": channel, "text": "Lampu jalan di depan sekolah padam"}
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "keys-1"}
    return httpx.post(
        f"{real.options.ports.url('intake')}/v1/aspirations", json=body, headers=headers, trust_env=False
    ).status_code


def test_a_key_works_until_it_is_revoked(real: Up) -> None:
    made = json.loads(real.serap("keys", "add", "kiosk", "--per-minute", "70", "--json").stdout)
    assert (made["channel"], made["per_minute"], made["kid"]) == ("kiosk", 70, made["key"].split(".")[0])
    assert hand_in(real, made["key"], "kiosk") == 202
    assert hand_in(real, made["key"], "forum") == 403
    assert real.serap("keys", "revoke", made["kid"]).returncode == 0
    until("the revocation is known", lambda: hand_in(real, made["key"], "kiosk") == 401)


def test_what_adding_prints_is_a_command_that_hands_in(real: Up) -> None:
    told = real.serap("keys", "add", "forum")
    assert told.returncode == 0, told.stderr
    command = next(line for line in told.stdout.splitlines() if line.startswith("curl "))
    answer = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=30)
    assert re.match(r"HTTP/1\.1 202 ", answer.stdout), answer
    assert "tracking_code" in answer.stdout


def test_a_secret_is_never_shown_again(real: Up) -> None:
    made = json.loads(real.serap("keys", "add", "kiosk", "--json").stdout)
    secret = made["key"].split(".")[1]
    for told in (real.serap("keys", "list"), real.serap("keys", "list", "--json"), real.serap("keys", "revoke", made["key"])):
        assert told.returncode == 0, told.stderr
        assert made["kid"] in told.stdout
        assert secret not in told.stdout + told.stderr
    [listed] = [one for one in json.loads(real.serap("keys", "list", "--json").stdout) if one["kid"] == made["kid"]]
    assert (listed["channel"], listed["per_minute"], listed["revoked_at"] is not None) == ("kiosk", 60_000, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "kioskk"], r"the city has no channel kioskk\. It has: web, whatsapp, kiosk, "),
        (["revoke", "1f0c2a9b7d34"], r"there is no key 1f0c2a9b7d34\. Look: serap keys list"),
    ],
)
def test_what_does_not_exist_is_told_with_what_does(real: Up, arguments: list[str], words: str) -> None:
    told = real.serap("keys", *arguments)
    assert told.returncode == 1
    assert re.match(f"serap: {words}", told.stderr)
    assert len(told.stderr.splitlines()) == 1
