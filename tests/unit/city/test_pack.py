"""The pack that ships, and what is said about a bad one."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from shared.city import City, CityError, Promise, load_city, load_simulation, validate
from shared.city.model import Override
from shared.contracts.topics import catalogue

AGENCIES, KECAMATAN, KELURAHAN = 34, 13, 104

Edit = Callable[[str, str, str], Path]


@pytest.fixture
def edited(pack: Path, tmp_path: Path) -> Edit:
    """A copy of the pack in which one text of one file is replaced by another."""

    def edit(file: str, old: str, new: str) -> Path:
        copy = tmp_path / "city"
        shutil.copytree(pack, copy)
        text = (copy / file).read_text(encoding="utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
        return copy

    return edit


def test_the_shipped_pack_has_no_problems(city: City) -> None:
    assert validate(city) == []


def test_the_pack_holds_all_agencies_and_areas(city: City) -> None:
    assert (len(city.agencies), len(city.areas.kecamatan), len(city.areas.kelurahan)) == (AGENCIES, KECAMATAN, KELURAHAN)
    assert len(city.areas.shapes) == KECAMATAN + KELURAHAN


def test_there_are_sixty_topics_or_more_and_every_agency_has_one(city: City) -> None:
    assert len(city.topics) >= 60
    assert {topic.agency for topic in city.topics.values()} == set(city.agencies)


def test_only_channels_with_kafka_get_topics(city: City) -> None:
    assert set(city.kafka_channels) == {"kiosk", "forum"}
    names = {topic.name for topic in catalogue(city.kafka_channels, city.agencies)}
    assert "channel.kiosk.submissions.v1" in names
    assert "channel.web.submissions.v1" not in names
    assert "agency.perumda_tb.assignments.v1" in names


def test_pln_police_and_province_are_external_and_the_rest_is_not(city: City) -> None:
    assert {code for code, agency in city.agencies.items() if not agency.internal} == {"PLN", "POLRES", "PROV_PUSAT"}


def test_the_simulation_has_voices_for_every_agency(city: City, pack: Path) -> None:
    voices = load_simulation(pack, city).voices
    assert len(voices) >= 150
    assert {city.topics[voice.topic].agency for voice in voices if voice.topic} == set(city.agencies)
    assert any(voice.topic is None for voice in voices)


def test_no_voice_is_there_twice(city: City, pack: Path) -> None:
    texts = [voice.text for voice in load_simulation(pack, city).voices]
    assert len(texts) == len(set(texts))


def test_a_topics_promise_wins_over_its_agencys_and_both_over_the_class(city: City) -> None:
    assert city.promise("banjir").answer == 5
    assert city.promise("jalan_nasional").answer == 10
    assert city.promise("kebakaran_penyelamatan").answer == 1
    assert city.promise("banjir", "PROV_PUSAT").answer == 10


def test_where_topic_and_agency_both_differ_from_the_class_the_topic_wins(city: City) -> None:
    both = replace(
        city.clocks,
        by_topic={"banjir": Override("banjir", answer=2)},
        by_agency={"DPUPR": Override("DPUPR", answer=9, resolve=20)},
    )
    assert both.promise("non_pengawasan", topic="banjir", agency="DPUPR") == Promise(verify=3, answer=2, resolve=20)


def test_an_unknown_topic_has_the_default_promise(city: City) -> None:
    assert city.promise(None) == city.promise("no_longer_a_topic") == city.promise("banjir")


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("agencies.toml", 'contact = "disdik@tangerang.example"\n', "", "DISDIK.contact: is missing; add it"),
        ("agencies.toml", "disdik@tangerang.example", "nobody", "DISDIK.contact: String should match pattern"),
        ("agencies.toml", "kind = ", "knid = ", "DISDIK.knid: is not known"),
        ("topics.toml", 'agency = "DPUPR"', 'agency = "PUPR"', "jalan_rusak.agency: PUPR is not in agencies.toml"),
        ("topics.toml", 'class = "non_pengawasan"', 'class = "kilat"', "jalan_rusak.class: kilat is not in clocks.toml"),
        ("topics.toml", 'class = "non_pengawasan"\n', "", "jalan_rusak.class: is missing"),
        ("topics.toml", "words.5", "wrods.5", "jalan_rusak.wrods: is not known"),
        ("clocks.toml", "resolve = 2", "resolve = 0", "classes.ringan.resolve: Input should be greater"),
        ("clocks.toml", "[topics.kebakaran_penyelamatan]", "[topics.kebakaran]", "topics.kebakaran: is not in topics.toml"),
        ("channels.toml", "kafka = false", "kafka = 7", "web.kafka: Input should be a valid boolean"),
        ("holidays.toml", "days_off = []", 'days_off = ["someday"]', "days_off.0: Input should be a valid date"),
        ("city.toml", "Asia/Jakarta", "Asia/Tangerang", "timezone: Asia/Tangerang is not an IANA zone"),
        ("city.toml", 'name = "Kota Tangerang"', "name =", "is not TOML"),
        ("messages/id.toml", "{% if due_answer %}", "{% if %}", "received: is not a Jinja template"),
        ("messages/en.toml", "{{ code }}", "{{ nik }}", "received: 'nik' is undefined"),
        ("messages/en.toml", "[escalated]", "[exploded]", "exploded: Input should be 'received'"),
        ("areas/aliases.toml", "36.71.09.1005", "36.71.99.1005", "36.71.99.1005 is not a kelurahan of the city"),
    ],
)  # fmt: skip
def test_a_bad_pack_is_refused_with_file_key_and_what_to_do(edited: Edit, file: str, old: str, new: str, told: str) -> None:
    with pytest.raises(CityError) as refused:
        load_city(edited(file, old, new))
    assert told in str(refused.value)
    assert file.split("/", maxsplit=1)[0] in str(refused.value)


def test_a_message_that_is_lacking_in_the_second_language_is_told(edited: Edit) -> None:
    path = edited("messages/en.toml", "[escalated]", "[reminded]")
    with pytest.raises(CityError, match=r"en\.toml: escalated: is missing"):
        load_city(path)


def test_a_missing_file_is_named(edited: Edit) -> None:
    path = edited("city.toml", "112", "112")
    (path / "clocks.toml").unlink()
    with pytest.raises(CityError, match=r"clocks\.toml: is missing"):
        load_city(path)


def test_a_polygon_that_is_missing_is_named(edited: Edit) -> None:
    path = edited("areas/kota-tangerang-kelurahan.geojson", '"id": "36.71.01.1001"', '"id": "elsewhere"')
    with pytest.raises(CityError, match=r"36\.71\.01\.1001: has no polygon"):
        load_city(path)


def test_a_voice_on_an_unknown_topic_is_refused(edited: Edit, city: City) -> None:
    path = edited("simulation.toml", "jalan_rusak = [", "jalan_mulus = [")
    with pytest.raises(CityError, match=r"voices\.pengaduan\.jalan_mulus: is not in topics\.toml"):
        load_simulation(path, city)
