"""The map of the city as outlines, drawn once at start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.reporting.views.outlines import Node, Outlines, outlines
from shared.city import Areas

MARGIN = 6
LABEL_LINES = 34
"""So many lines of labels fit into a kecamatan that is drawn large."""


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
