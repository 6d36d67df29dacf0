"""Hides direct identifiers in a citizen's text before it is published (D6): e-mail, NIK, phone, vehicle plate.

Every pattern is linear in the length of the text: whoever may write may also write 20,000 digits.
"""

import re

# Region letters of Indonesian vehicle plates.
_REGIONS = "A[ABDEG]?|B[ABDEGHKLMNP]?|D[ABCDEGHKLMNPRTW]?|E[ABD]?|F|G|H|K[BHTU]?|L|M|N|P[AB]?|R|S|T|W|Z"
_BETWEEN = r"[\s./_\u2010-\u2015-]{0,2}"
"""What people put between groups of digits: spaces of every kind, dots, slashes, hyphens and dashes."""
_PROVINCE = "(?:1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])"
"""The first two digits of a NIK or KK number (Kemendagri's code of the province)."""

_RULES = (
    ("[e-mail]", re.compile(r"(?<![\w.+-])[\w.+-]++(?: ?@ ?|\[at\]|\(at\))[\w-]+(?:\.[\w-]+)+")),
    # NIK and KK numbers: 16 digits. Grouped in unusual ways only with the code of a province in front, or dates and times
    # that stand together would be hidden too.
    ("[NIK]", re.compile(rf"(?<!\d)\d(?:[ .-]?\d){{15}}(?!\d)|(?<!\d){_PROVINCE}(?:{_BETWEEN}\d){{14}}(?!\d)")),
    # Phone numbers: +62 / 62 / 0062 / 0 and an area or mobile code, grouped as people do; mobile ones also without the 0.
    (
        "[telepon]",
        re.compile(
            rf"(?<!\d)(?<!\d[.,])(?:(?:\+|00)?62{_BETWEEN}(?:\(0\){_BETWEEN})?|0)\(?[2-9]\d{{1,3}}\)?(?:{_BETWEEN}\d){{5,10}}(?!\d)"
            r"|(?<![\d.,/])8[1-9]\d(?:[ -]?\d){7,9}(?!\d)"
        ),
    ),
    # Plates: a region of the Indonesian register, three or four digits, a series (B 1234 ABC). Upper case, so that house
    # numbers stay, and never the RT or RW behind one; small letters only for B, the region of Tangerang.
    (
        "[pelat]",
        re.compile(
            rf"\b(?:{_REGIONS})[ .-]{{0,2}}\d{{3,4}}[ .-]{{0,2}}(?!R[TW]\b)[A-Z]{{1,3}}\b"
            r"|\b[Bb][ .-]{0,2}\d{4}[ .-]{0,2}(?![Rr][TtWw]\b)[A-Za-z]{3}\b"
        ),
    ),
)
_INVISIBLE = re.compile(r"(?<=[\w@.+-])[\u00ad\u200b-\u200d\u2060\ufeff]+(?=[\w@.+-])")
"""What hides a number from a pattern, and not from a reader."""
_PLAIN = str.maketrans({ord("＠"): "@"} | {base + n: str(n) for base in (0xFF10, 0x0660, 0x06F0) for n in range(10)})
"""Full-width and Arabic digits."""


def mask(text: str) -> str:
    """`text` with identifiers replaced by what they were, e.g. `hubungi [telepon]`. Masking twice changes nothing."""
    text = _INVISIBLE.sub("", text.translate(_PLAIN))
    for label, pattern in _RULES:
        text = pattern.sub(label, text)
    return text
