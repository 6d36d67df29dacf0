"""Routing reads the golden submission and update, and writes what their readers' tests read."""

import json
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared.contracts.envelope import Event
from shared.contracts.events import AgencyUpdated, AspirationSubmitted
from shared.contracts.topics import assignments
from tests.contracts.golden import FOLDER
from tests.integration.routing.world import Desk

ITS_OWN_TIME = {"at", "due_answer_at", "due_resolve_at", "ce_time"}


def golden(name: str) -> dict[str, Any]:
    known: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return known


def event(name: str, model: type[BaseModel]) -> Event[Any]:
    known = golden(name)
    headers, data = known["headers"], model.model_validate(known["value"])
    correlation_id = UUID(headers["ce_correlationid"])
    return Event(UUID(headers["ce_id"]), headers["ce_type"], known["topic"], known["key"].encode(), correlation_id, data)


def timeless(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in ITS_OWN_TIME}


async def test_the_golden_submission_becomes_the_golden_assignment(desk: Desk) -> None:
    await desk.on.on_submitted([event("serap.aspiration.submitted.v1", AspirationSubmitted)])
    (told,) = await desk.told(assignments("DISHUB"))
    expected = golden("serap.assignment.assigned.v1")
    assert timeless(told.data) == timeless(expected["value"])
    assert timeless(told.headers) == timeless(expected["headers"])


async def test_the_golden_update_becomes_the_golden_fact(desk: Desk) -> None:
    await desk.on.on_submitted([event("serap.aspiration.submitted.v1", AspirationSubmitted)])
    await desk.on.on_updated([event("serap.agency.updated.v1.accept", AgencyUpdated)])
    told = (await desk.told())[-1]
    expected = golden("serap.aspiration.accepted.v1")
    assert set(told.data) == set(expected["value"])
    assert set(told.headers) == set(expected["headers"])
    assert {"agency": "DISHUB", "fact": "accepted", "ver": 3}.items() <= told.data.items()
