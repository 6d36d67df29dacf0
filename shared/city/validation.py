"""What must fit together in a pack, beyond each file being well formed."""

from collections.abc import Iterator

from jinja2 import UndefinedError

from shared.city.messages import MessageTemplate, MessageValues
from shared.city.model import City


def validate(city: City) -> list[str]:
    """Every problem of the city, a line each (`file: key: what to do`); empty when the pack can be used."""
    return [*_topics(city), *_agencies(city), *_clocks(city), *_areas(city), *_messages(city)]


def _topics(city: City) -> Iterator[str]:
    for topic in city.topics.values():
        if topic.agency not in city.agencies:
            yield f"topics.toml: {topic.code}.agency: {topic.agency} is not in agencies.toml; add it there or correct it"
        if topic.clock_class not in city.clocks.classes:
            yield f"topics.toml: {topic.code}.class: {topic.clock_class} is not in clocks.toml; add it there or correct it"
        if not topic.words:
            yield f"topics.toml: {topic.code}.words: has none, so nothing finds this topic; add some"
        if any(weight <= 0 for weight in topic.words.values()):
            yield f"topics.toml: {topic.code}.words: has a weight of zero or less; weights are above 0"


def _agencies(city: City) -> Iterator[str]:
    served = {topic.agency for topic in city.topics.values()}
    for code in city.agencies.keys() - served:
        yield f"agencies.toml: {code}: no topic leads here; give it one in topics.toml"


def _clocks(city: City) -> Iterator[str]:
    clocks = city.clocks
    if clocks.default not in clocks.classes:
        yield f"clocks.toml: default.class: {clocks.default} is not a class; add it under [classes] or correct it"
    for code in clocks.by_topic.keys() - city.topics.keys():
        yield f"clocks.toml: topics.{code}: is not in topics.toml; remove it or correct it"
    for code in clocks.by_agency.keys() - city.agencies.keys():
        yield f"clocks.toml: agencies.{code}: is not in agencies.toml; remove it or correct it"


def _areas(city: City) -> Iterator[str]:
    areas = city.areas
    for code, kelurahan in areas.kelurahan.items():
        if kelurahan.kecamatan_code not in areas.kecamatan:
            yield f"areas: {code}: its kecamatan {kelurahan.kecamatan_code} is not listed; add its row"
    for code in (areas.kelurahan.keys() | areas.kecamatan.keys()) - areas.shapes.keys():
        yield f"areas: {code}: has no polygon; add it to a .geojson file"
    for code in set(areas.kelurahan_names.values()) - areas.kelurahan.keys():
        yield f"areas/aliases.toml: kelurahan: {code} is not a kelurahan of the city; correct the code"
    for code in set(areas.kecamatan_names.values()) - areas.kecamatan.keys():
        yield f"areas/aliases.toml: kecamatan: {code} is not a kecamatan of the city; correct the code"


def _messages(city: City) -> Iterator[str]:
    default = city.messages.templates[city.messages.default]
    for language, templates in city.messages.templates.items():
        for fact in default.keys() - templates.keys():
            yield f"messages/{language}.toml: {fact}: is missing, and {city.messages.default}.toml has it; translate it"
        for fact, template in templates.items():
            if unknown := _unknown_value(template):
                yield f"messages/{language}.toml: {fact}: {unknown}; a template may use the fields of MessageValues"


def _unknown_value(template: MessageTemplate) -> str | None:
    """Tried with everything known and with as little as possible, so that both branches of a condition are seen."""
    some = "x"
    for values in (MessageValues(some, some, some), MessageValues(some, some, some, some, some, some, some, some, some)):
        try:
            template.render(values)
        except UndefinedError as error:
            return str(error.message)
    return None
