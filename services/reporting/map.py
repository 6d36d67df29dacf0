"""The map of the city: outlines drawn once at start, coloured per request in five classes with round breaks."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.reporting.outlines import Node, Outlines, outlines
from shared.city import Areas

CLASSES = 5
MARGIN = 6
LABEL_LINES = 34
"""So many lines of labels fit into a kecamatan that is drawn large."""
_STEPS = (0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
"""Round breaks are multiples of the largest of these that still tells the classes apart."""


@dataclass(frozen=True, slots=True)
class AreaDrawing:
    """One kelurahan: `path` in SVG, `label`: where its name stands."""

    code: str
    name: str
    path: str
    label: Node


@dataclass(frozen=True, slots=True)
class KecamatanDrawing:
    """One kecamatan: `label`: where its name stands; `box`: its viewBox; `areas`: its kelurahan by name.

    `font_size` of the names of its kelurahan in units of the drawing, when it is drawn large.
    """

    code: str
    name: str
    label: Node
    box: str
    font_size: int
    areas: tuple[AreaDrawing, ...]


@dataclass(frozen=True, slots=True)
class CityDrawing:
    """All kecamatan by name, the lines between them, and the viewBox of the whole city."""

    kecamatan: tuple[KecamatanDrawing, ...]
    borders: str
    box: str


def draw_city(areas: Areas) -> CityDrawing:
    """The drawing of the city's kelurahan; takes some 60 ms, so once at start."""
    drawn = outlines({code: list(areas.shapes[code].rings()) for code in areas.kelurahan})
    by_name = sorted(areas.kecamatan.values(), key=lambda kecamatan: kecamatan.name)
    members = {k.code: [e.code for e in areas.kelurahan.values() if e.kecamatan_code == k.code] for k in by_name}
    return CityDrawing(
        tuple(_kecamatan(drawn, areas, kecamatan.code, members[kecamatan.code]) for kecamatan in by_name),
        drawn.borders({code: kelurahan.kecamatan_code for code, kelurahan in areas.kelurahan.items()}),
        _view_box((0, 0, *drawn.size)),
    )


def _kecamatan(drawn: Outlines, areas: Areas, code: str, members: Sequence[str]) -> KecamatanDrawing:
    box = drawn.box(members)
    font_size = max(4, round(max(box[2:]) / LABEL_LINES))
    named = sorted((areas.kelurahan[each] for each in members), key=lambda kelurahan: kelurahan.name)
    labels = apart({each.name: drawn.centre([each.code]) for each in named}, font_size)
    return KecamatanDrawing(
        code,
        areas.kecamatan[code].name,
        drawn.centre(members),
        _view_box(box),
        font_size,
        tuple(AreaDrawing(each.code, each.name, drawn.path(each.code), labels[each.name]) for each in named),
    )


def apart(labels: Mapping[str, Node], font_size: int) -> dict[str, Node]:
    """Middle of each label's line, moved down where it would cover one that stands higher. A letter is 0.6 em wide."""
    placed: dict[str, Node] = {}
    for name, (x, y) in sorted(labels.items(), key=lambda label: label[1][1]):
        for other, (other_x, other_y) in sorted(placed.items(), key=lambda label: label[1][1]):
            beside = abs(x - other_x) >= 0.3 * font_size * (len(name) + len(other))
            if not beside and abs(y - other_y) < font_size:
                y = other_y + font_size
        placed[name] = (x, y)
    return placed


def _view_box(box: tuple[int, int, int, int]) -> str:
    left, top, width, height = box
    return f"{left - MARGIN} {top - MARGIN} {width + 2 * MARGIN} {height + 2 * MARGIN}"


def round_breaks(shares: Iterable[float]) -> tuple[float, ...]:
    """Up to four breaks between five classes: the quintiles, rounded as far as they stay apart. Empty for no shares."""
    ordered = sorted(shares)
    if not ordered:
        return ()
    quintiles = [ordered[len(ordered) * n // CLASSES] for n in range(1, CLASSES)]
    tried = [tuple(dict.fromkeys(round(q / step) * step for q in quintiles)) for step in _STEPS]
    apart = [breaks for breaks in tried if len(breaks) == CLASSES - 1 and breaks[0] > 0]
    best = apart[0] if apart else max(tried, key=len)
    return tuple(round(each, 4) for each in best if each > 0)


def class_of(share: float, breaks: Sequence[float]) -> int:
    """0 to 4: which class a share belongs to; a break itself belongs to the class above."""
    return bisect_right(breaks, share)


def counts_per_class(shares: Mapping[str, float], breaks: Sequence[float]) -> list[int]:
    """How many areas each class holds, for the legend."""
    held = [class_of(share, breaks) for share in shares.values()]
    return [held.count(each) for each in range(len(breaks) + 1)]
