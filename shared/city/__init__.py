"""The city as data: loads the pack under `cities/<city>/` once; pure afterwards. Services get a `City` and ask it.

- `model`     agencies, topics, channels, clocks, and the `City` that holds them
- `areas`     kecamatan and kelurahan: names, codes, polygons, which one a point lies in
- `calendar`  working days: national holidays, joint leave, the city's overrides
- `messages`  what citizens are told, by fact and language
- `load`      reads a pack; a bad one is refused with file, key and what to do
- `simulation`  invented voices for the demo
"""

from shared.city.areas import Areas, Kecamatan, Kelurahan, Shape
from shared.city.calendar import Calendar
from shared.city.load import load_city
from shared.city.messages import Message, Messages, MessageValues
from shared.city.model import Agency, Channel, City, ClockClass, Clocks, Promise, TopicOfCity
from shared.city.reading import CityError
from shared.city.simulation import Simulation, Voice, load_simulation
from shared.city.validation import validate

__all__ = [
    "Agency", "Areas", "Calendar", "Channel", "City", "CityError", "ClockClass", "Clocks", "Kecamatan", "Kelurahan", "Message",
    "MessageValues", "Messages", "Promise", "Shape", "Simulation",
    "TopicOfCity", "Voice", "load_city", "load_simulation", "validate",
]  # fmt: skip
