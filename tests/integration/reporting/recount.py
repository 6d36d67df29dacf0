"""The roll-ups worked out anew from all facts, the plain way: what reporting's one statement must always equal."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.events import LifecycleFact
from shared.contracts.vocabulary import TERMINAL, Fact

CITY = ZoneInfo("Asia/Jakarta")
FIRST_WORD = {Fact.PROGRESSED, Fact.ASKED, Fact.ANSWERED, Fact.RESOLVED, Fact.REJECTED}
RESULT = {Fact.ANSWERED, Fact.RESOLVED}
ENDING = {Fact.CONFIRMED, Fact.CLOSED_UNCONFIRMED, Fact.REJECTED, Fact.MERGED, Fact.WITHDRAWN}

Cell = tuple[date, str, str, str, str, str, str, str]
Moments = tuple[datetime | None, datetime | None, str]


def lives_of(facts: Iterable[LifecycleFact]) -> dict[UUID, list[LifecycleFact]]:
    """Each aspiration's facts in the order of `ver`, doubles dropped."""
    by_ver: dict[UUID, dict[int, LifecycleFact]] = defaultdict(dict)
    for fact in facts:
        by_ver[fact.aspiration_id].setdefault(fact.ver, fact)
    return {aspiration: [vers[ver] for ver in sorted(vers)] for aspiration, vers in by_ver.items()}


def cube_of(facts: Iterable[LifecycleFact]) -> Counter[Cell]:
    """Each aspiration once, in the cell of its latest fact."""
    latest = [life[-1] for life in lives_of(facts).values()]
    return Counter(
        (f.received_at.astimezone(CITY).date(), f.agency or "", f.topic or "", f.kelurahan or "", f.kecamatan or "", f.channel,
         str(f.status), str(f.role))
        for f in latest
    )  # fmt: skip


def moments_of(facts: Iterable[LifecycleFact]) -> dict[UUID, Moments]:
    """First word, last result and ending of each aspiration."""
    found = {}
    for aspiration, life in lives_of(facts).items():
        endings = [f.fact for f in life if f.fact in ENDING]
        found[aspiration] = (
            min((f.at for f in life if f.fact in FIRST_WORD), default=None),
            max((f.at for f in life if f.fact in RESULT), default=None),
            str(endings[-1]) if endings and life[-1].status in TERMINAL else "",
        )
    return found
