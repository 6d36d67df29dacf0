"""Facts for tests, with what does not matter filled in."""

from datetime import UTC, datetime
from uuid import UUID

from shared.contracts.events import LifecycleFact, NotificationEnded
from shared.contracts.vocabulary import Actor, ContactKind, Fact, Outcome, Role, Status

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def fact(aspiration_id: UUID, ver: int, what: Fact, status: Status, agency: str | None = None) -> LifecycleFact:
    return LifecycleFact(
        aspiration_id=aspiration_id,
        fact=what,
        ver=ver,
        status=status,
        at=NOW,
        received_at=NOW,
        channel="web",
        role=Role.RESIDENT,
        actor=Actor.SYSTEM,
        agency=agency,
    )


def ended(aspiration_id: UUID, ver: int, what: Fact, outcome: Outcome = Outcome.SENT) -> NotificationEnded:
    return NotificationEnded(aspiration_id=aspiration_id, ver=ver, fact=what, kind=ContactKind.EMAIL, outcome=outcome, at=NOW)
