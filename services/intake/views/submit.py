"""The citizen's form, one group of questions per page, without account, cookie or script: what was typed travels hidden."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from pydantic import ValidationError

from services.intake.views.errors import FieldError
from shared.city import Areas
from shared.contracts.submission import Submission
from shared.contracts.vocabulary import ContactKind, Language, Role

UNKNOWN = "-"
"""What a citizen chooses who does not know the kecamatan or kelurahan, or means the whole city."""
YES = "ya"
CHANNEL = "web"
_KEY = re.compile(r"[0-9a-f-]{36}")
_PHONE_PUNCTUATION = re.compile(r"[\s().-]")


class Page(StrEnum):
    """The pages in their order; kecamatan and place are both step 2."""

    STORY = "story"
    KECAMATAN = "kecamatan"
    PLACE = "place"
    CONTACT = "contact"
    CHECK = "check"

    @property
    def step(self) -> int:
        """Which of the four steps that the citizen sees."""
        return {Page.STORY: 1, Page.KECAMATAN: 2, Page.PLACE: 2, Page.CONTACT: 3, Page.CHECK: 4}[self]


_ORDER = tuple(Page)
_FIELDS: Mapping[Page, tuple[str, ...]] = {
    Page.STORY: ("text", "role", "session"),
    Page.KECAMATAN: ("kecamatan",),
    Page.PLACE: ("kelurahan", "rw", "words"),
    Page.CONTACT: ("contact", "address", "consent", "anonymous", "confidential"),
    Page.CHECK: (),
}


@dataclass(frozen=True, slots=True)
class Answers:
    """What was typed so far, as text, exactly as it stands in the fields. `key`: the idempotency key of this form."""

    key: str
    text: str = ""
    role: str = Role.RESIDENT.value
    session: str = ""
    kecamatan: str = ""
    kelurahan: str = ""
    rw: str = ""
    words: str = ""
    contact: str = ContactKind.NONE.value
    address: str = ""
    consent: str = ""
    anonymous: str = ""
    confidential: str = ""
    checked: str = ""
    """The last page has been seen: whoever goes back from there to correct something returns to it at once."""

    def hidden(self, page: Page) -> list[tuple[str, str]]:
        """What `page` does not ask, to be carried in hidden fields."""
        asked = _FIELDS[page]
        return [(name, value) for name in self.__slots__ if name not in asked and (value := getattr(self, name))]

    def body(self, language: Language) -> dict[str, Any]:
        """The body of a submission, not yet validated; empty fields are left out."""
        kelurahan, kecamatan = self.kelurahan.strip(UNKNOWN), self.kecamatan.strip(UNKNOWN)
        place = {"kelurahan": kelurahan, "kecamatan": kecamatan, "rw": self.rw.strip(), "words": self.words.strip()}
        contact: dict[str, Any] = {"kind": self.contact, "consent": self.consent == YES}
        if self.contact != ContactKind.NONE.value:
            address = self.address.strip()
            contact["address"] = address if self.contact == ContactKind.EMAIL.value else _PHONE_PUNCTUATION.sub("", address)
        return {
            "text": self.text,
            "channel": CHANNEL,
            "role": self.role,
            "session": self.session.strip() or None,
            "place": {name: value for name, value in place.items() if value},
            "anonymous": self.anonymous == YES,
            "confidential": self.confidential == YES,
            "language": language.value,
            "contact": contact,
        }


@dataclass(frozen=True, slots=True)
class FormView:
    """One page of the form. `ready`: everything is said and right, the submission can be stored.

    `trouble`: key of words.toml; why it was not stored though it is right.
    """

    page: Page
    answers: Answers
    areas: Areas = field(repr=False)
    errors: tuple[FieldError, ...] = ()
    ready: bool = False
    trouble: str = ""

    @property
    def kecamatan(self) -> list[tuple[str, str]]:
        """Codes and names of all kecamatan by name."""
        return sorted(((k.code, k.name) for k in self.areas.kecamatan.values()), key=lambda pair: pair[1])

    @property
    def kelurahan(self) -> list[tuple[str, str]]:
        """Codes and names of the kelurahan of the chosen kecamatan by name."""
        chosen = (k for k in self.areas.kelurahan.values() if k.kecamatan_code == self.answers.kecamatan)
        return sorted(((k.code, k.name) for k in chosen), key=lambda pair: pair[1])

    @property
    def kecamatan_name(self) -> str | None:
        """The name of the chosen kecamatan; None: unknown to the citizen."""
        chosen = self.areas.kecamatan.get(self.answers.kecamatan)
        return chosen.name if chosen else None

    @property
    def kelurahan_name(self) -> str | None:
        """The name of the chosen kelurahan; None: unknown to the citizen."""
        chosen = self.areas.kelurahan.get(self.answers.kelurahan)
        return chosen.name if chosen else None


def new_form(areas: Areas, key: str) -> FormView:
    """The empty form. `key`: a fresh UUID; Back or a second tap sends the same one again."""
    return FormView(Page.STORY, Answers(key), areas)


def answer_form(data: Mapping[str, str], areas: Areas, fresh_key: str) -> FormView:
    """What follows from one POST of the form. `data`: its fields; `fresh_key` is used if the posted key is not one of ours.

    `action` is next, back, send, edit:<page>, or stay (the same page in another language).
    """
    answers = _answers(data, areas, fresh_key)
    page = Page(data["page"]) if data.get("page") in set(_ORDER) else Page.STORY
    action = data.get("action", "next")
    if action == "stay" and page is not Page.CHECK:
        return FormView(page, answers, areas)
    if action == "back":
        return FormView(_ORDER[max(_ORDER.index(page) - 1, 0)], answers, areas)
    if action.startswith("edit:") and action[5:] in set(_ORDER[:-1]):
        return FormView(Page(action[5:]), answers, areas)
    # The last page tells everything back, so everything must be right before it is shown.
    seen = _ORDER if action == "send" else _ORDER[: _ORDER.index(page) + 1]
    if errors := _errors(answers, areas, seen):
        first = next(each for each in seen if any(error.field in _FIELDS[each] for error in errors))
        return FormView(first, answers, areas, tuple(error for error in errors if error.field in _FIELDS[first]))
    if action == "send":
        return FormView(Page.CHECK, answers, areas, ready=True)
    following = _ORDER[min(_ORDER.index(page) + 1, len(_ORDER) - 1)]
    if following is Page.CHECK or (answers.checked and not _errors(answers, areas, _ORDER)):
        return FormView(Page.CHECK, replace(answers, checked=YES), areas)
    return FormView(following, answers, areas)


def not_stored(answers: Answers, areas: Areas, trouble: str, key: str) -> FormView:
    """The last page once more with all that was typed, to be sent again under `key`. `trouble`: key of words.toml."""
    return FormView(Page.CHECK, replace(answers, key=key), areas, trouble=trouble)


def submission(answers: Answers, language: Language) -> Submission:
    """The submission of a form that is `ready`."""
    return Submission.model_validate(answers.body(language))


def _answers(data: Mapping[str, str], areas: Areas, fresh_key: str) -> Answers:
    typed = {name: data[name] for name in Answers.__slots__ if name in data}
    if not _KEY.fullmatch(typed.get("key", "")):
        typed["key"] = fresh_key
    found = areas.kelurahan.get(typed.get("kelurahan", ""))
    if found and found.kecamatan_code != typed.get("kecamatan"):
        typed["kelurahan"] = ""  # the kecamatan was changed afterwards
    return Answers(**typed)


def _errors(answers: Answers, areas: Areas, pages: tuple[Page, ...]) -> list[FieldError]:
    """What is wrong on `pages`, at most one error per field, in the order of the fields."""
    found = {**_model_errors(answers), **_choice_errors(answers, areas)}
    asked = [name for page in pages for name in _FIELDS[page]]
    return [FieldError(name, found[name]) for name in asked if name in found]


def _model_errors(answers: Answers) -> dict[str, str]:
    """What the published language refuses, as field -> key of words.toml: one law for the form and for the API."""
    try:
        submission(answers, Language.ID)
    except ValidationError as error:
        return dict(_as_field(list(one["loc"]), one["type"], answers) for one in error.errors())
    return {}


def _as_field(loc: list[int | str], kind: str, answers: Answers) -> tuple[str, str]:
    name = str(loc[-1])
    if loc[0] == "contact":
        if name == "kind" or answers.contact == ContactKind.ERASED.value:
            return "contact", "submit.error_choice"
        return "address", "submit.error_email" if answers.contact == ContactKind.EMAIL.value else "submit.error_phone"
    if kind == "string_too_long":
        return name, "submit.error_long"
    if name == "text" and kind in ("string_too_short", "missing"):
        return name, "submit.error_text"
    return name, f"submit.error_{name}" if name in ("rw", "session") else "submit.error_value"


def _choice_errors(answers: Answers, areas: Areas) -> dict[str, str]:
    """What only the form asks: a place or "I do not know", and consent to be told."""
    found = {}
    if answers.kecamatan != UNKNOWN:
        if answers.kecamatan not in areas.kecamatan:
            found["kecamatan"] = "submit.error_kecamatan"
        elif answers.kelurahan != UNKNOWN and answers.kelurahan not in areas.kelurahan:
            found["kelurahan"] = "submit.error_kelurahan"
    if answers.contact != ContactKind.NONE.value and answers.consent != YES:
        found["consent"] = "submit.error_consent"
    return found
