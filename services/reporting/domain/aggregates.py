"""A question to the cube and its answer as it may be published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from services.reporting.domain.disclosure import Hidden, Published, one, published_cells
from shared.city import City
from shared.contracts.vocabulary import Role, Status

FILTERS = ("agency", "topic", "kelurahan", "kecamatan", "channel", "status", "role")
DIMENSIONS = ("day", "month", *FILTERS)
"""What rows may be grouped by, in the order of their columns."""
NONE = "none"
"""How one asks for what has no value yet, e.g. `agency=none`; in the answer it is null."""
MAX_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Question:
    """`since`, `until`: days of receipt, both included; `filters`: dimension -> value; `group_by`: in the order of DIMENSIONS."""

    since: date | None = None
    until: date | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    group_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a question cannot be answered: which field, and what is wrong with it."""

    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of the cube's answer: its value per dimension of the question ('' is none), and how many."""

    key: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as they may be published, in the order of their keys; `total` of them all."""

    columns: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], Published], ...]
    total: Published


def grouping(told: str) -> tuple[str, ...] | Fault:
    """The dimensions that a comma list names. A kelurahan brings its kecamatan: some names exist twice, and small numbers
    are guarded within the kecamatan, whose sum is public too."""
    named = {name.strip() for name in told.split(",")} - {""}
    if unknown := named - set(DIMENSIONS):
        return Fault("group_by", f"{min(unknown)!r} is not a dimension; known are {', '.join(DIMENSIONS)}")
    if "kelurahan" in named:
        named.add("kecamatan")
    return tuple(name for name in DIMENSIONS if name in named)


def fault_in(question: Question, city: City) -> Fault | None:
    """The first value that the city does not know, or None."""
    if question.since and question.until and question.since > question.until:
        return Fault("to", "lies before `from`")
    known = known_values(city)
    for name, value in question.filters.items():
        if value != NONE and value not in known[name]:
            return Fault(name, "is not a value that the city knows")
    return None


def known_values(city: City) -> Mapping[str, frozenset[str]]:
    """What each filter may be."""
    return {
        "agency": frozenset(city.agencies),
        "topic": frozenset(city.topics),
        "kelurahan": frozenset(city.areas.kelurahan),
        "kecamatan": frozenset(city.areas.kecamatan),
        "channel": frozenset(city.channels),
        "status": frozenset(Status),
        "role": frozenset(Role),
    }


def answer(question: Question, cells: Sequence[Cell]) -> Answer:
    """What may be published. The total is exact, unless filters or dates made it as small as a cell that would be hidden."""
    total = sum(cell.count for cell in cells)
    narrowed = question.filters or question.since or question.until
    shown_total = one(total) if narrowed else total
    if not question.group_by:
        return Answer((), (((), shown_total),), shown_total)
    shown = published_cells({cell.key: cell.count for cell in cells})
    return Answer(question.group_by, tuple(shown.items()), shown_total)


def told(count: Published) -> int | str:
    """A count in JSON and CSV."""
    return count.value if isinstance(count, Hidden) else count


def guarded(text: str) -> str:
    """A CSV cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
