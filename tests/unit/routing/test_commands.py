"""What agencies' updates and citizens' replies ask for."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.routing.domain.commands import (
    Accept,
    Ask,
    Command,
    Confirm,
    Dispute,
    Progress,
    Reject,
    Reply,
    Resolve,
    Return,
    Withdraw,
    command_of_reply,
    command_of_update,
    reason_of,
)
from shared.contracts.events import AgencyUpdated, CitizenReplied
from shared.contracts.vocabulary import ReplyKind, UpdateKind

ID = UUID("0190a0b0-0000-7000-8000-000000000003")


def update(kind: UpdateKind, **fields: Any) -> AgencyUpdated:
    return AgencyUpdated(update_id=ID, aspiration_id=ID, agency="DLH", kind=kind, **fields)


@pytest.mark.parametrize(
    ("said", "command"),
    [
        (update(UpdateKind.ACCEPT), Accept("DLH")),
        (update(UpdateKind.RETURN, reason="not_our_task", suggested_agency="DPUPR"), Return("DLH", "not_our_task", "DPUPR")),
        (update(UpdateKind.PROGRESS, text="t"), Progress("DLH", "t")),
        (update(UpdateKind.ASK, text="t"), Ask("DLH", "t")),
        (update(UpdateKind.RESOLVE, text="t"), Resolve("DLH", "t")),
        (update(UpdateKind.REJECT, text="t", reason="duplicate"), Reject("DLH", "t", "duplicate")),
    ],
)
def test_an_update_becomes_a_command_of_its_agency(said: AgencyUpdated, command: Command) -> None:
    assert command_of_update(said) == command


@pytest.mark.parametrize("kind", [UpdateKind.RETURN, UpdateKind.REJECT])
@pytest.mark.parametrize("reason", [None, "Pak Anu di gang kami salah alamat"])
def test_free_text_never_becomes_a_reason_that_is_kept_for_ever(kind: UpdateKind, reason: str | None) -> None:
    assert reason_of(command_of_update(update(kind, reason=reason))) == "other"


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        (ReplyKind.ANSWER, Reply()),
        (ReplyKind.CONFIRM, Confirm()),
        (ReplyKind.DISPUTE, Dispute()),
        (ReplyKind.WITHDRAW, Withdraw()),
        (ReplyKind.SUPPORT, None),
    ],
)
def test_a_reply_becomes_a_command_of_the_citizen(kind: ReplyKind, command: Command | None) -> None:
    said = CitizenReplied(reply_id=ID, aspiration_id=ID, kind=kind, at=datetime(2026, 2, 2, tzinfo=UTC))
    assert command_of_reply(said) == command
