"""Where a point lies, and which area a name means."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.city import City, Shape
from shared.city.areas import box_of

RING = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0), (0.0, 0.0))
HOLE = ((1.0, 1.0), (3.0, 1.0), (3.0, 3.0), (1.0, 3.0), (1.0, 1.0))
DONUT = Shape("x", ((RING, HOLE),), box_of(iter([RING])))


def test_the_middle_of_nearly_every_kelurahan_lies_in_it(city: City, pack: Path) -> None:
    with (pack / "areas" / "kota-tangerang-areas.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "kelurahan"]
    found = [city.areas.locate(float(row["lat"]), float(row["lng"])) for row in rows]
    right = sum(area is not None and area.code == row["kode_kemendagri"] for area, row in zip(found, rows, strict=True))
    assert right >= 102  # the middle of a bent area may lie beside it


@pytest.mark.parametrize(("lat", "lng"), [(-6.2088, 106.8456), (0.0, 0.0), (-6.1782, 107.6), (90.0, 180.0)])
def test_a_point_outside_the_city_is_in_no_kelurahan(city: City, lat: float, lng: float) -> None:
    assert city.areas.locate(lat, lng) is None


@given(st.floats(-6.24, -6.10), st.floats(106.56, 106.77))
def test_a_point_in_a_kelurahan_is_in_its_kecamatan(city: City, lat: float, lng: float) -> None:
    kelurahan = city.areas.locate(lat, lng)
    inside = {code for code in city.areas.kecamatan if city.areas.shapes[code].holds(lng, lat)}
    assert inside == ({kelurahan.kecamatan_code} if kelurahan else set())


@pytest.mark.parametrize(("lng", "lat", "inside"), [(0.5, 2.0, True), (2.0, 2.0, False), (3.5, 3.5, True), (5.0, 2.0, False)])
def test_a_hole_does_not_belong_to_its_area(lng: float, lat: float, inside: bool) -> None:
    assert DONUT.holds(lng, lat) is inside


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Batu Ceper", "36.71.03"),
        ("  kec. cipondoh ", "36.71.05"),
        ("Kelurahan Cipondoh", "36.71.05.1001"),
        ("Cipondoh", "36.71.05"),
        ("KEL JATIUWUNG", "36.71.09.1006"),
        ("Kecamatan Jatiuwung", "36.71.02"),
        ("grendeng", "36.71.07.1013"),
        ("Poris-Plawad Utara", "36.71.05.1009"),
    ],
)
def test_an_area_is_found_by_what_people_call_it(city: City, name: str, code: str) -> None:
    found = city.areas.by_name(name)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("name", ["", "Jatiuwung", "Serpong", "kecamatan", "kel. kelurahan"])
def test_a_name_that_nobody_can_tell_is_no_area(city: City, name: str) -> None:
    assert city.areas.by_name(name) is None


def test_the_kecamatan_of_a_kelurahan_is_known(city: City) -> None:
    found = city.areas.kecamatan_of("36.71.08.1002")
    assert found is not None
    assert found.name == "Periuk"
    assert city.areas.kecamatan_of("36.71.99.1002") is None
