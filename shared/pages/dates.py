"""Dates and numbers as citizens read them: the city's clock (Asia/Jakarta), Indonesian or English."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from shared.contracts.vocabulary import Language

CITY_CLOCK = ZoneInfo("Asia/Jakarta")


def city_date(moment: date | datetime) -> date:
    """The day on the city's calendar; a datetime must know its zone."""
    return moment.astimezone(CITY_CLOCK).date() if isinstance(moment, datetime) else moment


def day(moment: date | datetime, language: Language) -> str:
    """`Selasa, 8 Desember 2026`, `Tuesday, 8 December 2026`."""
    return format_date(city_date(moment), "EEEE, d MMMM y", locale=language.value)


def short_day(moment: date | datetime, language: Language) -> str:
    """`8 Desember 2026`."""
    return format_date(city_date(moment), "d MMMM y", locale=language.value)


def brief_day(moment: date | datetime, language: Language) -> str:
    """`8 Des 2026`, for narrow columns."""
    return format_date(city_date(moment), "d MMM y", locale=language.value)


def month(moment: date | datetime, language: Language) -> str:
    """`Desember 2026`."""
    return format_date(city_date(moment), "MMMM y", locale=language.value)


def moment(at: datetime, language: Language) -> str:
    """`Senin, 23 November 2026 pukul 10.15`, `Monday, 23 November 2026 at 10:15`."""
    return f"{day(at, language)} {clock(at, language)}"


def clock(at: datetime, language: Language) -> str:
    """`pukul 10.15`, `at 10:15`."""
    pattern = "'pukul' HH.mm" if language is Language.ID else "'at' HH:mm"
    return format_datetime(at.astimezone(CITY_CLOCK), pattern, locale=language.value)


def number(value: float, language: Language, decimals: int = 0) -> str:
    """`1.946,5` in Indonesian, `1,946.5` in English."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=language.value)


def percent(share: float, language: Language, decimals: int = 0) -> str:
    """A share of 1 as `41%` or `12,5%`."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + "%"
    return format_percent(share, format=pattern, locale=language.value)
