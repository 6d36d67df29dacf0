"""A case to start from."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.routing.domain.case import Case
from services.routing.domain.clocks import due_dates
from shared.city import City
from shared.contracts.vocabulary import Role, Status

RECEIVED_AT = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)  # a Monday, 10.00 in Jakarta

NewCase = Callable[..., Case]


@pytest.fixture(scope="session")
def new_case(city: City) -> NewCase:
    """A damaged road at DPUPR, assigned; any field can be set otherwise."""

    def make(**fields: Any) -> Case:
        dates = due_dates(city, RECEIVED_AT, topic="jalan_rusak", agency="DPUPR")
        known: dict[str, Any] = {
            "aspiration_id": UUID("0190a0b0-0000-7000-8000-000000000001"),
            "correlation_id": UUID("0190a0b0-0000-7000-8000-0000000000c0"),
            "ver": 2,
            "status": Status.ASSIGNED,
            "at": RECEIVED_AT,
            "received_at": RECEIVED_AT,
            "channel": "web",
            "role": Role.RESIDENT,
            "topic": "jalan_rusak",
            "agency": "DPUPR",
            "kelurahan": "36.71.08.1002",
            "kecamatan": "36.71.08",
            "due_answer_at": dates.answer_at,
            "due_resolve_at": dates.resolve_at,
        }
        return Case(**(known | fields))

    return make
