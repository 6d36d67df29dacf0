"""Loads a city pack. The only module of `shared.city` that reads files (with `reading`)."""

import csv
import json
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jinja2 import TemplateSyntaxError

from shared.city.areas import Areas, Kecamatan, Kelurahan, Ring, Shape, box_of, name_key
from shared.city.calendar import Calendar
from shared.city.messages import Messages, MessageTemplate
from shared.city.model import Agency, Channel, City, ClockClass, Clocks, Override, TopicOfCity, WorkingDays
from shared.city.reading import CityError, checked, entries, problem, read_toml
from shared.city.validation import validate
from shared.contracts.vocabulary import Fact, Language


def load_city(path: Path) -> City:
    """The city in the folder `path` (for example cities/tangerang). CityError tells every problem: file, key, what to do."""
    about = path / "city.toml"
    told = read_toml(about)
    languages = checked(tuple[Language, ...], told.get("languages"), about, "languages")
    clocks = _clocks(path / "clocks.toml")
    city = City(
        name=checked(str, told.get("name"), about, "name"),
        code=checked(str, told.get("code"), about, "code"),
        languages=languages,
        emergency=checked(str, told.get("emergency"), about, "emergency"),
        agencies=entries(Agency, read_toml(path / "agencies.toml"), path / "agencies.toml"),
        topics=_topics(path / "topics.toml"),
        channels=entries(Channel, read_toml(path / "channels.toml"), path / "channels.toml"),
        clocks=clocks,
        calendar=_calendar(path / "holidays.toml", _timezone(about, told), clocks.day_ends),
        areas=_areas(path / "areas"),
        messages=_messages(path / "messages", languages),
    )
    if problems := validate(city):
        raise CityError(*(f"{path}/{line}" for line in problems))
    return city


def _timezone(path: Path, told: dict[str, Any]) -> ZoneInfo:
    name = checked(str, told.get("timezone"), path, "timezone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise CityError(problem(path, "timezone", f"{name} is not an IANA zone; write for example Asia/Jakarta")) from None


def _topics(path: Path) -> MappingProxyType[str, TopicOfCity]:
    found = {}
    for code, table in read_toml(path).items():
        known = {key: table[key] for key in ("name", "name_en", "agency") if key in table}
        if unknown := set(table) - {*known, "class", "words"}:
            raise CityError(problem(path, f"{code}.{min(unknown)}", "is not known; remove it or correct its spelling"))
        by_weight = checked(dict[float, list[str]], table.get("words", {}), path, f"{code}.words")
        # A phrase that stands under two weights counts with the higher one.
        words = {word: weight for weight, listed in sorted(by_weight.items()) for word in listed}
        clock_class = checked(str, table.get("class"), path, f"{code}.class")
        value = {"code": code, **known, "clock_class": clock_class, "words": words}
        found[code] = checked(TopicOfCity, value, path, code)
    return MappingProxyType(found)


def _clocks(path: Path) -> Clocks:
    told = read_toml(path)
    return Clocks(
        classes=entries(ClockClass, told.get("classes", {}), path, "classes"),
        default=checked(str, told.get("default", {}).get("class"), path, "default.class"),
        day_ends=checked(time, told.get("day_ends"), path, "day_ends"),
        confirm_days=checked(WorkingDays, told.get("confirm_days"), path, "confirm_days"),
        max_returns=checked(WorkingDays, told.get("max_returns"), path, "max_returns"),
        by_topic=entries(Override, told.get("topics", {}), path, "topics"),
        by_agency=entries(Override, told.get("agencies", {}), path, "agencies"),
    )


def _calendar(path: Path, timezone: ZoneInfo, day_ends: time) -> Calendar:
    told = read_toml(path)
    off = checked(frozenset[date], told.get("days_off", []), path, "days_off")
    working = checked(frozenset[date], told.get("working_days", []), path, "working_days")
    return Calendar(timezone, day_ends, off, working)


def _messages(folder: Path, languages: tuple[Language, ...]) -> Messages:
    templates = {language: MappingProxyType(_templates(folder / f"{language}.toml")) for language in languages}
    return Messages(MappingProxyType(templates), default=languages[0])


def _templates(path: Path) -> dict[Fact, MessageTemplate]:
    found = {}
    for fact, texts in read_toml(path).items():
        known = checked(Fact, fact, path, fact)
        parts = {part: checked(str, texts.get(part), path, f"{fact}.{part}") for part in ("subject", "long", "short")}
        try:
            found[known] = MessageTemplate.compiled(**parts)
        except TemplateSyntaxError as error:
            raise CityError(problem(path, fact, f"is not a Jinja template: {error.message}")) from error
    return found


def _areas(folder: Path) -> Areas:
    kecamatan, kelurahan = {}, {}
    for row in _rows(folder):
        if row["level"] == "kecamatan":
            kecamatan[row["kode_kemendagri"]] = Kecamatan(row["kode_kemendagri"], row["nama"])
        elif row["level"] == "kelurahan":
            kelurahan[row["kode_kemendagri"]] = Kelurahan(row["kode_kemendagri"], row["nama"], row["kode_kecamatan"])
    shapes: dict[str, Shape] = {}
    for path in sorted(folder.glob("*.geojson")):
        shapes |= _shapes(path)
    aliases = read_toml(folder / "aliases.toml")
    return Areas(
        kelurahan=MappingProxyType(kelurahan),
        kecamatan=MappingProxyType(kecamatan),
        shapes=MappingProxyType(shapes),
        kelurahan_names=_names({k.name: k.code for k in kelurahan.values()}, aliases.get("kelurahan", {})),
        kecamatan_names=_names({k.name: k.code for k in kecamatan.values()}, aliases.get("kecamatan", {})),
    )


def _names(official: dict[str, str], aliases: dict[str, str]) -> MappingProxyType[str, str]:
    return MappingProxyType({name_key(name): code for name, code in (*aliases.items(), *official.items())})


def _rows(folder: Path) -> list[dict[str, str]]:
    """Rows of the one table of areas: level, kode_kemendagri, nama, kode_kecamatan and more."""
    found = sorted(folder.glob("*-areas.csv"))
    if len(found) != 1:
        raise CityError(problem(folder / "*-areas.csv", "", f"is there {len(found)} times; every city pack has it once"))
    with found[0].open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _shapes(path: Path) -> dict[str, Shape]:
    try:
        features = json.loads(path.read_text(encoding="utf-8"))["features"]
        return {shape.code: shape for shape in map(_shape, features)}
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise CityError(problem(path, "features", f"are not polygons with an id, as GeoJSON has them: {error!r}")) from error


def _shape(feature: dict[str, Any]) -> Shape:
    geometry = feature["geometry"]
    listed = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    polygons = tuple(tuple(_ring(ring) for ring in polygon) for polygon in listed)
    return Shape(feature["id"], polygons, box_of(ring for polygon in polygons for ring in polygon))


def _ring(points: list[list[float]]) -> Ring:
    return tuple((float(lng), float(lat)) for lng, lat, *_ in points)
