"""Errors as part of the interface: RFC 9457 problem+json, in the reader's language, naming the field."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import JSONResponse

from shared.contracts.vocabulary import Language


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its HTTP status and its title in both languages."""

    status: int
    indonesian: str
    english: str


KINDS: Mapping[str, Kind] = {
    "not-json": Kind(400, "Isi permintaan bukan JSON yang sah", "The body is not valid JSON"),
    "missing-idempotency-key": Kind(400, "Tajuk Idempotency-Key wajib ada", "The Idempotency-Key header is required"),
    "invalid-idempotency-key": Kind(400, "Idempotency-Key tidak sah", "The Idempotency-Key is not valid"),
    "invalid-request": Kind(400, "Permintaan tidak sah", "The request is not valid"),
    "unauthorized": Kind(401, "Kunci API tidak dikenal atau sudah dicabut", "The API key is unknown or revoked"),
    "wrong-channel": Kind(403, "Kunci ini milik kanal lain", "This key belongs to another channel"),
    "not-found": Kind(404, "Tidak ditemukan", "Not found"),
    "method-not-allowed": Kind(405, "Metode tidak diizinkan", "Method not allowed"),
    "too-slow": Kind(408, "Isi permintaan terlalu lama datang", "The body took too long to arrive"),
    "in-flight": Kind(409, "Permintaan dengan kunci yang sama sedang diproses", "A request with the same key is being processed"),
    "too-large": Kind(413, "Isi permintaan melebihi batas", "The body is too large"),
    "unsupported-media-type": Kind(415, "Jenis isi tidak didukung", "The content type is not supported"),
    "invalid-field": Kind(422, "Isian tidak sah", "A field is not valid"),
    "key-reused": Kind(422, "Kunci yang sama sudah dipakai untuk isi lain", "The same key was used with another body"),
    "rate-limited": Kind(429, "Terlalu banyak permintaan", "Too many requests"),
    "internal": Kind(500, "Kesalahan pada sistem kami", "An error of ours"),
    "unavailable": Kind(503, "Sistem sedang tidak dapat menyimpan", "The system cannot store anything at the moment"),
}


@dataclass(eq=False)  # an exception must be hashable
class Problem(Exception):
    """Raised anywhere in a request; answered as problem+json. `field`: a JSON pointer-like name, e.g. `place.lat`.

    `detail`: a sentence, or the same sentence in each language.
    """

    slug: str
    detail: str | Mapping[Language, str] = ""
    field: str | None = None
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def status(self) -> int:
        return KINDS[self.slug].status

    def body(self, language: Language) -> dict[str, object]:
        """The members of RFC 9457 and, where there is one, the field."""
        kind = KINDS[self.slug]
        body: dict[str, object] = {
            "type": f"/problems#{self.slug}",
            "title": kind.english if language is Language.EN else kind.indonesian,
            "status": kind.status,
        }
        if self.detail:
            body["detail"] = self.detail if isinstance(self.detail, str) else self.detail[language]
        if self.field:
            body["field"] = self.field
        return body

    def response(self, language: Language) -> JSONResponse:
        headers = {"Content-Language": language.value, "Cache-Control": "no-store", **self.headers}
        return JSONResponse(self.body(language), self.status, headers, media_type="application/problem+json")


def language_of(accept_language: str | None) -> Language:
    """The reader's language by `Accept-Language`: Indonesian unless English is preferred."""
    best, chosen = 0.0, Language.ID
    for part in (accept_language or "")[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight or 1)
        except ValueError:
            continue
        if tag[:2].lower() in ("id", "en") and quality > best:
            best, chosen = quality, Language(tag[:2].lower())
    return chosen
