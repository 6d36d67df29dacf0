"""Bytes -> submission. Whatever is wrong with them is a ValidationError that names the field, and has words in both languages."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from services.intake.domain.refusal import Refusal, refuse
from shared.contracts.submission import MAX_BODY_BYTES, Submission

S = TypeVar("S", bound=Submission)

_UNREADABLE = ("string_unicode", "unstorable")
_MAX_FIELD = 200

FAULTS: Mapping[str, tuple[str, str]] = {
    "address_missing": ("alamat kontak wajib ada untuk jenis {kind}", "address is missing for kind {kind}"),
    "address_unused": ("alamat diisi, tetapi jenis kontaknya none", "address is given, but kind is none"),
    "bool_type": ("harus true atau false", "must be true or false"),
    "contact_kind": ("harus none, email, sms, atau whatsapp", "must be none, email, sms or whatsapp"),
    "datetime_from_date_parsing": ("bukan waktu RFC 3339, contoh 2026-11-24T09:30:00+07:00", "is not a time of RFC 3339"),
    "datetime_parsing": ("bukan waktu RFC 3339, contoh 2026-11-24T09:30:00+07:00", "is not a time of RFC 3339"),
    "datetime_type": ("harus berupa waktu RFC 3339 dalam teks", "must be a time of RFC 3339, as a string"),
    "duplicate_key": ("nama ini muncul lebih dari sekali", "this name stands there more than once"),
    "enum": ("harus salah satu dari {expected}", "must be one of {expected}"),
    "extra_forbidden": ("tidak dikenal; periksa ejaannya", "is not known; check its spelling"),
    "finite_number": ("harus bilangan biasa", "must be a finite number"),
    "float_type": ("harus berupa angka", "must be a number"),
    "greater_than_equal": ("paling kecil {ge}", "must be at least {ge}"),
    "half_a_point": ("lat dan lng harus diisi bersama", "lat and lng belong together"),
    "identifier": ("harus berupa kode, bukan nomor milik seseorang", "must be a code, not a person's number"),
    "json_invalid": ("tidak dapat dibaca sebagai JSON: {error}", "cannot be read as JSON: {error}"),
    "less_than_equal": ("paling besar {le}", "must be at most {le}"),
    "list_type": ("harus berupa daftar", "must be a list"),
    "missing": ("wajib ada", "is required"),
    "model_type": ("harus berupa objek JSON", "must be a JSON object"),
    "not_a_phone": ("bukan nomor telepon: 8 sampai 15 angka, boleh diawali +", "is not a phone number: 8 to 15 digits"),
    "not_an_email": ("bukan alamat e-mail", "is not an e-mail address"),
    "string_pattern_mismatch": ("harus berbentuk {pattern}", "must have the form {pattern}"),
    "string_too_long": ("paling panjang {max_length} karakter", "must have at most {max_length} characters"),
    "string_too_short": ("wajib diisi", "must not be empty"),
    "string_type": ("harus berupa teks", "must be a string"),
    "string_unicode": ("memuat karakter yang tidak sah", "holds characters that are not valid"),
    "timezone_aware": ("wajib menyebut zona waktu, contoh +07:00", "must name its time zone, for example +07:00"),
    "too_large": ("paling besar {limit} byte", "must have at most {limit} bytes"),
    "too_long": ("paling banyak {max_length} butir", "must have at most {max_length} entries"),
    "unstorable": ("tidak boleh memuat karakter NUL atau surogat tunggal", "must not contain NUL characters or lone surrogates"),
}  # fmt: skip
"""What is said of each type of error, Indonesian and English; `{}` are the values that pydantic gives with it."""
_SLUGS = {"json_invalid": "not-json", "too_large": "too-large"}


def read(raw: bytes, model: type[S]) -> S:
    """The submission that `raw` says, read strictly: no `"yes"` for true, no field twice. ValidationError with what is wrong."""
    if len(raw) > MAX_BODY_BYTES:
        raise _fault(PydanticCustomError("too_large", "must have at most {limit} bytes", {"limit": MAX_BODY_BYTES}))
    try:
        submission = model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] == "json_invalid":
            _find_the_unreadable(raw, model)
        raise
    json.loads(raw, object_pairs_hook=_once_each)
    return submission


def refusal_of(error: ValidationError) -> Refusal:
    """The first of the faults in `error`, in words for a person."""
    fault = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(map(str, fault["loc"]))[:_MAX_FIELD] or None
    indonesian, english = _words(fault)
    return refuse(_SLUGS.get(fault["type"], "invalid-field"), field, indonesian, english)


def _words(fault: ErrorDetails) -> tuple[str, str]:
    values = {name: str(value) for name, value in fault.get("ctx", {}).items()}
    # A type that no field of a submission can have today: better English than nothing.
    indonesian, english = FAULTS.get(fault["type"], ("isinya tidak sah", fault["msg"].replace("{", "{{").replace("}", "}}")))
    # pydantic joins the last two of a list of choices by a word.
    translated = {name: value.replace(" or ", " atau ") for name, value in values.items()}
    return indonesian.format_map(translated), english.format_map(values)


def _find_the_unreadable(raw: bytes, model: type[Submission]) -> None:
    """Bytes that are no UTF-8, control characters and lone surrogates break the whole JSON; they are in one field all the same.

    Python's reader can be told to let them pass: then the field that holds them is refused by its name.
    """
    try:
        model.model_validate(json.loads(raw.decode("utf-8", "surrogateescape"), strict=False))
    except ValidationError as error:
        if error.errors(include_url=False, include_input=False)[0]["type"] in _UNREADABLE:
            raise
    except (ValueError, RecursionError):
        return


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON leaves open which of two equal names counts (RFC 8259, 4): what the sender meant, nobody knows."""
    told = dict(pairs)
    if len(told) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _fault(PydanticCustomError("duplicate_key", "stands there more than once"), twice)
    return told


def _fault(error: PydanticCustomError, *loc: str) -> ValidationError:
    return ValidationError.from_exception_data(Submission.__name__, [{"type": error, "loc": loc, "input": None}])
