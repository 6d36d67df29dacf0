"""Borders of neighbouring areas drawn alike: polygons -> arcs between junctions, each simplified once.

The polygons of the source were simplified one by one, so that neighbours differ by some metres. Points that lie that close
are made one, every border gets the points of both sides, and what remains is cut where more than two lines meet. An arc
belongs to the areas left and right of it: simplifying the arc keeps them together, and the outline of a group of areas is
the arcs that only one of the group's sides has.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
Node: TypeAlias = tuple[int, int]
Arc: TypeAlias = tuple[Node, ...]
"""A line between two junctions (or a closed ring without any), in the direction in which it compares smaller."""

SAME_POINT = 1.0
"""In units of the drawing; at 900 units for 22 km about 24 m."""


@dataclass(frozen=True, slots=True)
class Outlines:
    """`rings`: area -> rings of (arc, forwards?); `arcs`: arc -> its simplified points; `size`: width, height in units."""

    rings: Mapping[str, tuple[tuple[tuple[Arc, bool], ...], ...]]
    arcs: Mapping[Arc, Arc]
    size: Node

    def path(self, area: str) -> str:
        """The SVG path of an area: whole numbers, relative moves."""
        return "".join(_closed(self._points(ring)) for ring in self.rings[area])

    def borders(self, group_of: Mapping[str, str]) -> str:
        """The SVG path of the lines between areas of different groups, and around them all; each line once."""
        sides: dict[Arc, set[str]] = defaultdict(set)
        uses: dict[Arc, int] = defaultdict(int)
        for area, rings in self.rings.items():
            for arc, _ in (piece for ring in rings for piece in ring):
                sides[arc].add(group_of[area])
                uses[arc] += 1
        return "".join(_open(self.arcs[arc]) for arc in self.arcs if len(sides[arc]) > 1 or uses[arc] == 1)

    def box(self, areas: Iterable[str]) -> tuple[int, int, int, int]:
        """Left, top, width, height of the areas."""
        points = [point for area in areas for ring in self.rings[area] for point in self._points(ring)]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)

    def centre(self, areas: Iterable[str]) -> Node:
        """The centre of gravity of the areas together: where their label stands."""
        weight = across = down = 0.0
        for ring in (ring for area in areas for ring in self.rings[area]):
            points = self._points(ring)
            for (x, y), (next_x, next_y) in zip(points, [*points[1:], points[0]], strict=True):
                turn = x * next_y - next_x * y
                weight, across, down = weight + turn, across + (x + next_x) * turn, down + (y + next_y) * turn
        return round(across / (3 * weight)), round(down / (3 * weight))

    def _points(self, ring: Iterable[tuple[Arc, bool]]) -> list[Node]:
        points: list[Node] = []
        for arc, forwards in ring:
            drawn = self.arcs[arc]
            points += (drawn if forwards else drawn[::-1])[:-1]
        return points


def outlines(shapes: Mapping[str, Sequence[Sequence[Point]]], *, width: int = 900, tolerance: float = 1.6) -> Outlines:
    """Outlines of areas. `shapes`: code -> closed rings of (longitude, latitude) in degrees.

    `width` of the drawing in units, north up; `tolerance`: how far a simplified line may leave the true one, in units.
    """
    projected, size = _projected(shapes, width)
    rings = {code: [_as_nodes(ring) for ring in each] for code, each in _shared_points(projected).items()}
    kept = {code: [ring for ring in each if len(set(ring)) > 2] for code, each in rings.items()}
    junctions = _junctions(kept)
    cut = {code: tuple(_cut(ring, junctions) for ring in each) for code, each in kept.items()}
    arcs = {arc: simplified(arc, tolerance) for each in cut.values() for ring in each for arc, _ in ring}
    return Outlines(cut, arcs, size)


def _projected(shapes: Mapping[str, Sequence[Sequence[Point]]], width: int) -> tuple[dict[str, list[list[Point]]], Node]:
    """Equirectangular at the middle latitude: for a city of 20 km nothing is off by more than a unit."""
    points = [point for rings in shapes.values() for ring in rings for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    across = cos(radians((south + north) / 2))
    scale = width / ((east - west) * across)
    placed = {
        code: [[((x - west) * across * scale, (north - y) * scale) for x, y in ring[:-1]] for ring in rings]
        for code, rings in shapes.items()
    }
    return placed, (width, round((north - south) * scale))


def _shared_points(shapes: Mapping[str, list[list[Point]]]) -> dict[str, list[list[Point]]]:
    """The rings with neighbouring points made one, and with the points of others that lie on their lines."""
    grid = _Grid()
    joined = {code: [[grid.join(point) for point in ring] for ring in rings] for code, rings in shapes.items()}
    return {code: [grid.with_points_on(ring) for ring in rings] for code, rings in joined.items()}


class _Grid:
    """Points by cell, to find those nearby."""

    CELL = 8.0

    def __init__(self) -> None:
        self._cells: dict[tuple[int, int], list[Point]] = defaultdict(list)

    def near(self, left: float, top: float, right: float, bottom: float) -> list[Point]:
        """All points in the box, and some around it."""
        columns = range(int(left // self.CELL), int(right // self.CELL) + 1)
        rows = range(int(top // self.CELL), int(bottom // self.CELL) + 1)
        return [point for x in columns for y in rows for point in self._cells[x, y]]

    def join(self, point: Point) -> Point:
        """The nearest point known within SAME_POINT, or `point` itself, which is known from now on."""
        x, y = point
        close = [
            (hypot(x - p[0], y - p[1]), p) for p in self.near(x - SAME_POINT, y - SAME_POINT, x + SAME_POINT, y + SAME_POINT)
        ]
        if close and (best := min(close))[0] <= SAME_POINT:
            return best[1]
        self._cells[int(x // self.CELL), int(y // self.CELL)].append(point)
        return point

    def with_points_on(self, ring: Sequence[Point]) -> list[Point]:
        """The ring with every known point that lies on one of its lines."""
        result: list[Point] = []
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            result.append(a)
            box = (min(a[0], b[0]) - 1, min(a[1], b[1]) - 1, max(a[0], b[0]) + 1, max(a[1], b[1]) + 1)
            between = [(at, p) for p in self.near(*box) if (at := _place_on(p, a, b)) is not None]
            result += [p for _, p in sorted(between)]
        return result


def _place_on(point: Point, a: Point, b: Point) -> float | None:
    """Where between `a` (0) and `b` (1) the point lies, or None if it is not on the line."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    if point in (a, b) or not (dx or dy):
        return None
    at = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / (dx * dx + dy * dy)
    off = hypot(point[0] - a[0] - at * dx, point[1] - a[1] - at * dy)
    return at if 0 < at < 1 and off <= SAME_POINT else None


def _as_nodes(ring: Iterable[Point]) -> list[Node]:
    """Whole numbers, without repetitions and without spikes that lead out and back."""
    nodes: list[Node] = []
    for x, y in ring:
        node = (round(x), round(y))
        if len(nodes) > 1 and nodes[-2] == node:
            nodes.pop()
        elif not nodes or nodes[-1] != node:
            nodes.append(node)
    while len(nodes) > 1 and nodes[0] == nodes[-1]:
        nodes.pop()
    return nodes


def _junctions(shapes: Mapping[str, list[list[Node]]]) -> set[Node]:
    """Points where more than two lines meet, over all areas."""
    neighbours: dict[Node, set[Node]] = defaultdict(set)
    for rings in shapes.values():
        for ring in rings:
            for i, node in enumerate(ring):
                neighbours[node] |= {ring[i - 1], ring[(i + 1) % len(ring)]}
    return {node for node, others in neighbours.items() if len(others) > 2}


def _cut(ring: list[Node], junctions: set[Node]) -> tuple[tuple[Arc, bool], ...]:
    """The ring as arcs; one without junctions is cut at its smallest point, so that both sides cut it alike."""
    start = next((i for i, node in enumerate(ring) if node in junctions), ring.index(min(ring)))
    turned = [*ring[start:], *ring[: start + 1]]
    ends = [0, *(i for i in range(1, len(turned) - 1) if turned[i] in junctions), len(turned) - 1]
    pieces = []
    for first, last in pairwise(ends):
        piece = tuple(turned[first : last + 1])
        backwards = piece[::-1]
        pieces.append((piece, True) if piece <= backwards else (backwards, False))
    return tuple(pieces)


def simplified(line: Arc, tolerance: float) -> Arc:
    """Douglas-Peucker: the ends stay, a point goes if the line without it passes within `tolerance`."""
    if len(line) < 3:
        return line
    a, b = line[0], line[-1]
    far, index = max((_distance(line[i], a, b), i) for i in range(1, len(line) - 1))
    if far <= tolerance:
        return (a, b) if a != b else (a, line[index], b)
    return simplified(line[: index + 1], tolerance)[:-1] + simplified(line[index:], tolerance)


def _distance(point: Node, a: Node, b: Node) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    at = max(0.0, min(1.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length)) if length else 0.0
    return hypot(point[0] - a[0] - at * dx, point[1] - a[1] - at * dy)


def _open(points: Sequence[Node]) -> str:
    """`M` and the moves between points, as short as SVG allows."""
    (x, y), text = points[0], ""
    for to_x, to_y in points[1:]:
        dx, dy = to_x - x, to_y - y
        text += f"{'' if dx < 0 else ' ' if text else ''}{dx}{'' if dy < 0 else ' '}{dy}"
        x, y = to_x, to_y
    return f"M{points[0][0]} {points[0][1]}l{text}"


def _closed(points: Sequence[Node]) -> str:
    return _open(points) + "z"
