"""What the map page shows for given counts."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from services.reporting.domain.choice import Choice
from services.reporting.domain.counts import AgencyCount, AreaCount, Counts, Handling, MonthCount, Overall
from services.reporting.domain.disclosure import Hidden, Part
from services.reporting.views.drawing import CityDrawing, draw_city
from services.reporting.views.map import MapView, OverallRow, map_view
from shared.city import City
from shared.runtime.freshness import Freshness

NOTHING = Handling(0, 0, 0, 0, 0, 0)
NONE = Overall(0, 0, 0)


@pytest.fixture(scope="module")
def drawing(city: City) -> CityDrawing:
    return draw_city(city.areas)


def view(
    city: City,
    drawing: CityDrawing,
    areas: Sequence[AreaCount] = (),
    agencies: Sequence[AgencyCount] = (),
    overall: Overall = NONE,
) -> MapView:
    months = [MonthCount(date(2026, 10, 1), 3), MonthCount(date(2026, 11, 1), 30)]
    return map_view(
        city=city,
        drawing=drawing,
        choice=Choice("banjir", 365),
        counts=Counts(overall, areas, months, agencies, NOTHING),
        since=date(2025, 11, 25),
        until=date(2026, 11, 24),
        known=Freshness(datetime(2026, 11, 24, tzinfo=UTC), stale=False),
        csv_url="",
    )


def test_an_empty_city_is_all_hatched_and_names_no_highest(city: City, drawing: CityDrawing) -> None:
    empty = view(city, drawing)
    assert (empty.by_kecamatan, empty.hatched, empty.scale.tones) == (True, len(city.areas.kecamatan), {})
    assert (empty.top, empty.city_share, empty.seldom_heard) == ((), None, 104)


def test_a_kelurahan_with_fewer_than_twenty_aspirations_has_no_share(city: City, drawing: CityDrawing) -> None:
    first, second, *others = city.areas.kelurahan
    counts = [AreaCount(first, 10, 19), AreaCount(second, 10, 20), *(AreaCount(code, 30, 100) for code in others)]
    rows = {row.code: row for rows in view(city, drawing, counts).kelurahan.values() for row in rows}
    assert (rows[first].share, rows[second].share) == (None, 0.5)


def test_a_share_whose_number_is_hidden_is_not_among_the_highest(city: City, drawing: CityDrawing) -> None:
    counts = [AreaCount(code, 4 if n == 0 else 30, 20 if n == 0 else 1000) for n, code in enumerate(city.areas.kelurahan)]
    assert counts[0].kelurahan not in {row.code for row in view(city, drawing, counts).top}


def test_aspirations_outside_the_citys_kelurahan_count_for_the_city_alone(city: City, drawing: CityDrawing) -> None:
    assert view(city, drawing, [AreaCount("99.99.99.9999", 5, 10)]).city_share == 0.5


def test_agencies_with_few_are_joined_with_what_is_being_sorted(city: City, drawing: CityDrawing) -> None:
    counts = [AgencyCount("DPUPR", 900, 800, 40, 2.5), AgencyCount("DLH", 4, 4, 0, 1.0), AgencyCount("", 3, 0, 3, None)]
    first, rest = view(city, drawing, agencies=counts).agencies
    assert first.agency
    assert (first.agency.code, first.assigned, first.answered, first.median_days) == ("DPUPR", 900, 800, 2.5)
    assert (rest.agency, rest.assigned, rest.answered, rest.median_days) == (None, 7, Hidden.SMALL, None)


def test_a_median_of_few_answers_is_not_told(city: City, drawing: CityDrawing) -> None:
    [row] = view(city, drawing, agencies=[AgencyCount("DPUPR", 900, 4, 0, 2.5)]).agencies
    assert (row.answered, row.median_days) == (Hidden.SMALL, None)


def test_an_agency_that_is_never_late_hides_nobody_elses_lateness(city: City, drawing: CityDrawing) -> None:
    counts = [AgencyCount("DPUPR", 900, 800, 40, 2.5), AgencyCount("DLH", 90, 80, 0, 1.0)]
    assert [row.overdue for row in view(city, drawing, agencies=counts).agencies] == [40, 0]


def test_a_month_with_few_is_hidden_together_with_the_next(city: City, drawing: CityDrawing) -> None:
    assert [count for _, count in view(city, drawing).months] == [Hidden.SMALL, Hidden.GUARD]


def test_a_share_of_too_few_is_not_told_and_a_hidden_number_only_bounds_it() -> None:
    assert Part.of(3, 19) == Part(None)
    assert Part.of(3, 100) == Part(0.05, below=True)
    assert Part.of(0, 100) == Part(0.0)
    assert Part.of(50, 100) == Part(0.5)


def test_on_time_is_judged_of_all_closed_and_all_overdue() -> None:
    assert Handling(100, 40, 20, 30, 60, 20).on_time == Part(30 / 80)


def test_all_themes_together_are_told_by_where_they_stand(city: City, drawing: CityDrawing) -> None:
    assert view(city, drawing, overall=Overall(40, 60, 900)).overall == OverallRow(1000, 40, 60, 900)


def test_of_all_themes_a_small_part_is_hidden_together_with_the_next(city: City, drawing: CityDrawing) -> None:
    assert view(city, drawing, overall=Overall(3, 60, 900)).overall == OverallRow(963, Hidden.SMALL, Hidden.GUARD, 900)
