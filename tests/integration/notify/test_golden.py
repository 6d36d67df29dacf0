"""Notify reads the golden contact, facts and answer, and writes the outcome that its readers' tests read."""

import json
from dataclasses import replace
from typing import Any

from services.notify.settings import NotifySettings
from shared.city import City
from shared.contracts.topics import OUTCOMES
from tests.contracts.golden import FOLDER, loaded
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.room import open_room


def without_time(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in ("at", "ce_time")}


async def test_the_golden_facts_become_the_golden_outcome(settings: NotifySettings, city: City, mail: MailServer) -> None:
    contact = loaded(FOLDER / "serap.contact.registered.v1.email.json")
    received, triaged, assigned = (
        loaded(FOLDER / f"serap.aspiration.{fact}.v1.json") for fact in ("received", "triaged", "assigned")
    )
    assert triaged.value is not None
    second = replace(triaged, value=triaged.value.replace(b'"ver":3', b'"ver":2'))  # the golden ones stand each for itself
    expected = json.loads((FOLDER / "serap.notification.ended.v1.sent.json").read_text("utf-8"))
    async with open_room(settings, city) as room:
        await room.tell(received, second, assigned, contact)
        await room.outcomes(2)
        row = await room.database.pool.fetchrow("SELECT * FROM outbox WHERE topic = $1 ORDER BY id DESC LIMIT 1", OUTCOMES.name)
    assert row is not None
    assert row["key"].decode() == expected["key"]
    assert without_time(json.loads(row["value"])) == without_time(expected["value"])
    headers = json.loads(row["headers"])
    assert headers.pop("ce_causationid") == assigned.headers["ce_id"]
    assert without_time(headers) == without_time(expected["headers"])
