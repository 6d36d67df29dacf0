"""Invented voices and answers for the demo, from `simulation.toml` of a city pack."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from shared.city.model import City
from shared.city.reading import CityError, checked, problem, read_toml
from shared.contracts.vocabulary import AspirationType, ReplyKind, UpdateKind

_NO_TOPIC = "tanpa_topik"


@dataclass(frozen=True, slots=True)
class Voice:
    """One invented aspiration. `topic` and `type` None: nobody could tell, a person must decide."""

    text: str
    topic: str | None
    type: AspirationType | None


@dataclass(frozen=True, slots=True)
class Simulation:
    """What the demo's citizens and agencies say."""

    voices: tuple[Voice, ...]
    agencies: Mapping[UpdateKind, tuple[str, ...]]
    citizens: Mapping[ReplyKind, tuple[str, ...]]


def load_simulation(path: Path, city: City) -> Simulation:
    """The simulation of the pack in the folder `path`. CityError names the file, the key and what to do."""
    file = path / "simulation.toml"
    told = read_toml(file)
    by_type = checked(dict[str, dict[str, list[str]]], told.get("voices"), file, "voices")
    voices = []
    for kind, by_topic in by_type.items():
        type_ = None if kind == _NO_TOPIC else checked(AspirationType, kind, file, f"voices.{kind}")
        for topic, texts in by_topic.items():
            if topic != _NO_TOPIC and topic not in city.topics:
                raise CityError(problem(file, f"voices.{kind}.{topic}", "is not in topics.toml; add it there or correct it"))
            voices += [Voice(text, None if topic == _NO_TOPIC else topic, type_) for text in texts]
    return Simulation(
        tuple(voices),
        MappingProxyType(checked(dict[UpdateKind, tuple[str, ...]], told.get("agencies"), file, "agencies")),
        MappingProxyType(checked(dict[ReplyKind, tuple[str, ...]], told.get("citizens"), file, "citizens")),
    )
