"""What citizens say: submissions made from the city pack's invented voices. The same seed says the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from shared.city import Areas, City, Simulation
from shared.contracts.submission import Contact, Place, Submission
from shared.contracts.vocabulary import ContactKind, Language, Role


@dataclass(frozen=True, slots=True)
class Spoken:
    """The `number`-th voice of a run; `key`: its idempotency key."""

    number: int
    key: str
    submission: Submission

    @property
    def channel(self) -> str:
        return self.submission.channel


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a channel is used, and in which roles people speak there."""

    weight: int
    roles: tuple[Role, ...] = (Role.RESIDENT,)


HABITS: Mapping[str, Habit] = {
    "web": Habit(30),
    "whatsapp": Habit(25),
    "kiosk": Habit(12),
    "counter": Habit(10, (Role.RESIDENT, Role.CIVIL_SERVANT)),
    "forum": Habit(10, (Role.COMMUNITY, Role.RESIDENT)),
    "rw": Habit(8, (Role.RW_RT_HEAD,)),
    "press": Habit(5, (Role.MEDIA,)),
}
_CONTACTS = {ContactKind.EMAIL: 40, ContactKind.WHATSAPP: 20, ContactKind.SMS: 15, ContactKind.NONE: 25}
_MAIL_DOMAINS = ("example.com", "example.net", "example.org")  # RFC 2606: nobody has them
_NO_PHONE = "+62000"  # no Indonesian number begins with a zero


class Voices:
    """`run`: makes the keys of this run unlike any other's, so that the same seed may speak twice to the same stack."""

    def __init__(self, city: City, simulation: Simulation, *, run: str, seed: int) -> None:
        self._city, self._voices, self._run = city, simulation.voices, run
        self._random = Random(seed)  # noqa: S311 - a simulation must be repeatable, not secret
        self._habits = {code: habit for code, habit in HABITS.items() if code in city.channels}
        self._said = 0

    def next(self) -> Spoken:
        """One more voice."""
        weights = [habit.weight for habit in self._habits.values()]
        return self.next_by(self._random.choices(list(self._habits), weights)[0])

    def next_by(self, channel: str) -> Spoken:
        """One more voice, by this channel."""
        random, number = self._random, self._said
        self._said += 1
        voice = random.choice(self._voices)
        submission = Submission(
            text=voice.text,
            type=voice.type if random.random() < 0.6 else None,
            channel=channel,
            role=random.choice(self._habits[channel].roles),
            session=f"REMBUK-{random.randint(1, 12)}" if channel == "forum" else None,
            place=_place(self._city.areas, random),
            anonymous=random.random() < 0.15,
            confidential=random.random() < 0.05,
            language=Language.EN if random.random() < 0.05 else Language.ID,
            contact=_contact(random, number),
            spoken_at=None,
        )
        return Spoken(number, f"{self._run}-{number}", submission)


def _place(areas: Areas, random: Random) -> Place:
    """Coordinates from a phone, a kelurahan from a list, or nothing but words."""
    kelurahan = random.choice(list(areas.kelurahan.values()))
    way = random.random()
    if way < 0.45:
        lat, lng = point_in(areas, kelurahan.code, random)
        return Place(lat=lat, lng=lng)
    if way < 0.95:
        return Place(kelurahan=kelurahan.code, kecamatan=kelurahan.kecamatan_code, rw=f"{random.randint(1, 15):02d}")
    return Place(words="dekat pasar lama")


def point_in(areas: Areas, code: str, random: Random) -> tuple[float, float]:
    """Latitude and longitude of a point inside the area's borders."""
    shape = areas.shapes[code]
    west, south, east, north = shape.box
    while True:
        lat, lng = round(random.uniform(south, north), 6), round(random.uniform(west, east), 6)
        if shape.holds(lng, lat):
            return lat, lng


def _contact(random: Random, number: int) -> Contact:
    kind = random.choices(list(_CONTACTS), list(_CONTACTS.values()))[0]
    if kind is ContactKind.NONE:
        return Contact()
    mail = f"warga{number}@{random.choice(_MAIL_DOMAINS)}"
    address = mail if kind is ContactKind.EMAIL else f"{_NO_PHONE}{number:07d}"
    return Contact(kind=kind, address=address, consent=random.random() < 0.95)
