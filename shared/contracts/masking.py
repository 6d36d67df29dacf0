"""Hides direct identifiers in a citizen's text before it is published (D6): e-mail, NIK, phone, vehicle plate."""

import re

# Region letters of Indonesian vehicle plates.
_REGIONS = "A[ABDEG]?|B[ABDEGHKLMNP]?|D[ABCDEGHKLMNPRTW]?|E[ABD]?|F|G|H|K[BHTU]?|L|M|N|P[AB]?|R|S|T|W|Z"
_RULES = (
    ("[e-mail]", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
    # NIK and KK numbers: 16 digits, often written in groups.
    ("[NIK]", re.compile(r"(?<!\d)\d(?:[ .-]?\d){15}(?!\d)")),
    # Indonesian phone numbers: +62 / 62 / 0 and an area or mobile code, 9 to 14 digits in all, grouped as people do.
    ("[telepon]", re.compile(r"(?<![\d.])(?:\+?62|0)[ .-]?\(?[2-9]\d{1,3}\)?(?:[ .-]?\d){5,9}(?!\d)")),
    # Plates: a region of the Indonesian register, three or four digits, a series (B 1234 ABC). Upper case, so that
    # "RT 05 RW 012" and house numbers stay; small letters only for B, the region of Tangerang.
    ("[pelat]", re.compile(rf"\b(?:{_REGIONS}) ?\d{{3,4}} ?[A-Z]{{1,3}}\b|\b[Bb] ?\d{{4}} ?[A-Za-z]{{3}}\b")),
)


def mask(text: str) -> str:
    """`text` with identifiers replaced by what they were, e.g. `hubungi [telepon]`. Masking twice changes nothing."""
    for label, pattern in _RULES:
        text = pattern.sub(label, text)
    return text
