"""Kecamatan and kelurahan of the city: codes of Kemendagri, names, polygons. Borders are approximate, not legal."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]
"""Longitude, latitude in degrees (WGS 84): the order of GeoJSON."""
Ring: TypeAlias = tuple[Point, ...]
Box: TypeAlias = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Kecamatan:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Kelurahan:
    code: str
    name: str
    kecamatan_code: str


@dataclass(frozen=True, slots=True)
class Shape:
    """The polygons of an area; in each the first ring is the border, the others are holes."""

    code: str
    polygons: tuple[tuple[Ring, ...], ...]
    box: Box

    def holds(self, lng: float, lat: float) -> bool:
        """Whether the point lies inside (even-odd rule over all rings, so holes need no case of their own)."""
        west, south, east, north = self.box
        if not (west <= lng <= east and south <= lat <= north):
            return False
        crossings = sum(_crosses(a, b, lng, lat) for ring in self.rings() for a, b in pairwise(ring))
        return crossings % 2 == 1

    def rings(self) -> Iterator[Ring]:
        """Every ring of every polygon."""
        for polygon in self.polygons:
            yield from polygon


def _crosses(a: Point, b: Point, lng: float, lat: float) -> bool:
    """Whether a ray from the point to the east crosses the edge from `a` to `b`."""
    if (a[1] > lat) == (b[1] > lat):
        return False
    return lng < a[0] + (lat - a[1]) * (b[0] - a[0]) / (b[1] - a[1])


def box_of(rings: Iterator[Ring]) -> Box:
    """West, south, east, north of the rings."""
    points = [point for ring in rings for point in ring]
    lngs, lats = [p[0] for p in points], [p[1] for p in points]
    return min(lngs), min(lats), max(lngs), max(lats)


_KECAMATAN = re.compile(r"^(?:kecamatan|kec)\b[ .]*")
_KELURAHAN = re.compile(r"^(?:kelurahan|kel|desa)\b[ .]*")


def name_key(name: str) -> str:
    """A name without what people write differently: case, spaces, dots, hyphens."""
    return "".join(c for c in name.casefold() if c.isalnum())


@dataclass(frozen=True, slots=True)
class Areas:
    """`shapes` holds both levels by code; `aliases` other spellings (as `name_key`) by level."""

    kelurahan: Mapping[str, Kelurahan]
    kecamatan: Mapping[str, Kecamatan]
    shapes: Mapping[str, Shape] = field(repr=False)
    kelurahan_names: Mapping[str, str] = field(repr=False)
    kecamatan_names: Mapping[str, str] = field(repr=False)

    def locate(self, lat: float, lng: float) -> Kelurahan | None:
        """The kelurahan that a point lies in, or None outside the city."""
        for code, kelurahan in self.kelurahan.items():
            if self.shapes[code].holds(lng, lat):
                return kelurahan
        return None

    def by_name(self, text: str) -> Kelurahan | Kecamatan | None:
        """The area that `text` names, with or without "kel." or "kec." in front.

        Many kecamatan have a kelurahan of the same name. Without a word in front the kecamatan is meant, which is right
        for both where one lies in the other; where it does not (Jatiuwung) nobody can tell: None.
        """
        plain = text.strip().casefold()
        if match := _KECAMATAN.match(plain):
            return self.kecamatan.get(self.kecamatan_names.get(name_key(plain[match.end() :]), ""))
        if match := _KELURAHAN.match(plain):
            return self.kelurahan.get(self.kelurahan_names.get(name_key(plain[match.end() :]), ""))
        key = name_key(plain)
        kecamatan = self.kecamatan.get(self.kecamatan_names.get(key, ""))
        kelurahan = self.kelurahan.get(self.kelurahan_names.get(key, ""))
        if kecamatan and kelurahan:
            return kecamatan if kelurahan.kecamatan_code == kecamatan.code else None
        return kelurahan or kecamatan

    def kecamatan_of(self, kelurahan_code: str) -> Kecamatan | None:
        """The kecamatan of a kelurahan's code, or None for a code that the city does not have."""
        found = self.kelurahan.get(kelurahan_code)
        return self.kecamatan[found.kecamatan_code] if found else None
