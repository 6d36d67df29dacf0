"""The address of a view."""

from datetime import date

import pytest

from services.reporting.domain.choice import Choice, NoSuchView, choice_of, first_day, months_until
from shared.city import City


def test_without_a_theme_the_most_voiced_is_shown_for_a_year(city: City) -> None:
    assert choice_of({}, city, "banjir") == Choice("banjir", 365)


def test_in_a_new_city_the_first_theme_is_shown(city: City) -> None:
    assert choice_of({}, city, None).theme == next(iter(city.topics))


def test_every_view_has_an_address_that_leads_to_it(city: City) -> None:
    chosen = Choice("banjir", 90, "36.71.08")
    parameters = dict(pair.split("=") for pair in chosen.address().removeprefix("?").split("&"))
    assert choice_of(parameters, city, None) == chosen


@pytest.mark.parametrize(
    "parameters",
    [
        {"tema": "naga"},
        {"hari": "abc"},
        {"hari": "365.0"},
        {"hari": "-1"},
        {"kecamatan": "36.71.99"},
        {"kecamatan": "36.71.08.1001"},
    ],
)
def test_an_address_that_names_what_does_not_exist_has_no_view(city: City, parameters: dict[str, str]) -> None:
    with pytest.raises(NoSuchView):
        choice_of(parameters, city, "banjir")


def test_a_period_holds_so_many_days_with_today() -> None:
    assert first_day(date(2026, 11, 24), 30) == date(2026, 10, 26)


def test_the_chart_shows_twelve_months_with_this_one() -> None:
    months = months_until(date(2026, 3, 31))
    assert (months[0], months[-1], len(months)) == (date(2025, 4, 1), date(2026, 3, 1), 12)
