"""Why something is not taken: a stable slug, the field at fault, and a sentence in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.contracts.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Refusal:
    """`slug` is a key of `shared.runtime.problems.KINDS`; `field` as it stands in the body, e.g. `place.lat`."""

    slug: str
    field: str | None
    detail: Mapping[Language, str]


def refuse(slug: str, field: str | None, indonesian: str, english: str) -> Refusal:
    return Refusal(slug, field, {Language.ID: indonesian, Language.EN: english})
