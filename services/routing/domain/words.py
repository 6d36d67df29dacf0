"""Indonesian as citizens write it, evened out: "Jln2 yg blm diperbaiki!!" and "jalan yang belum perbaiki" become the same words.

Light on purpose: only verbal prefixes (me-, di-) and what hangs on a word (-nya, -lah) go. Stripping -an or pe-..-an would
make one word of a drain and a disbursement (saluran, penyaluran).
"""

import re
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
_MASKED = re.compile(r"\[[^\]]{1,20}\]|(?:https?://|www\.)\S+")
_STRETCHED = re.compile(r"([a-z])\1{2,}")
_NUMBERED = re.compile(r"(?<=[a-z])(?:2|\d{2,})$")
"""Doubling ("anak2") and what grew on a word ("rt05"); a single other digit belongs to it ("ak1", "p3k")."""

ABBREVIATIONS = {
    "yg": "yang", "dgn": "dengan", "dg": "dengan", "krn": "karena", "karna": "karena", "utk": "untuk", "tuk": "untuk",
    "tdk": "tidak", "gak": "tidak", "ga": "tidak", "gk": "tidak", "nggak": "tidak", "ngga": "tidak", "ndak": "tidak",
    "enggak": "tidak", "tak": "tidak", "gag": "tidak", "sdh": "sudah", "udh": "sudah", "udah": "sudah", "dah": "sudah",
    "blm": "belum", "blum": "belum", "belom": "belum", "jln": "jalan", "jl": "jalan", "jalanan": "jalan", "jlan": "jalan",
    "kel": "kelurahan", "kec": "kecamatan", "bpk": "bapak", "tlg": "tolong", "tlong": "tolong", "mhn": "mohon", "mhon": "mohon",
    "memohon": "mohon", "dimohon": "mohon", "bnyk": "banyak", "byk": "banyak", "rmh": "rumah", "rmah": "rumah", "org": "orang",
    "orng": "orang", "dpt": "dapat", "dpat": "dapat", "dapet": "dapat", "mlm": "malam", "sklh": "sekolah", "skolah": "sekolah",
    "lmpu": "lampu", "smpah": "sampah", "dket": "dekat", "dkt": "dekat", "skrg": "sekarang", "tgl": "tanggal",
    "thn": "tahun", "bln": "bulan", "bs": "bisa", "bsa": "bisa", "kpd": "kepada", "pd": "pada", "dlm": "dalam", "sy": "saya",
    "pdm": "pdam", "akte": "akta", "antrian": "antrean", "aspalt": "aspal", "ijin": "izin", "perijinan": "perizinan",
    "jembat": "jembatan", "trotoir": "trotoar", "selokkan": "selokan", "ambulan": "ambulans", "ambulance": "ambulans",
    "praktek": "praktik", "apotik": "apotek", "nomer": "nomor", "komplek": "kompleks", "hutang": "utang", "tilp": "telepon",
    "telpon": "telepon", "sodara": "saudara", "psr": "pasar", "bgt": "banget", "kmrn": "kemarin",
    "mesjid": "masjid", "ektp": "ktp",
    "sertipikat": "sertifikat", "ojol": "ojek online", "rs": "rumah sakit", "smpn": "smp negeri", "sdn": "sd negeri",
    "sman": "sma negeri", "smkn": "smk negeri", "walikota": "wali kota", "medsos": "media sosial",
}  # fmt: skip
"""What people write for short or otherwise than the dictionary. A value may be two words."""

_KEPT = frozenset({"dinas", "mesin", "media", "meter", "merah", "digital", "dinding", "direktur", "dikit", "mentari", "melati"})
"""They begin like a verb and are none."""

_HANGING = ("nya", "lah", "kah", "pun")
_SHORTEST = 4
_NASAL = (  # a prefix, what it may stand before, and the letter that it swallowed
    ("meny", "aeiou", "s"), ("meng", "aeiou", ""), ("meng", "gh", ""), ("mem", "aeiou", "p"), ("mem", "bfv", ""),
    ("men", "aeiou", "t"), ("men", "cdjz", ""), ("me", "lmnrwy", ""), ("di", "abcdefghijklmnoprstuwy", ""),
)  # fmt: skip


def normalise(text: str) -> list[str]:
    """The words of `text` in their even form, in order; masked identifiers and links are left out."""
    words: list[str] = []
    for word in _WORD.findall(_MASKED.sub(" ", text.lower())):
        words += even(word)
    return words


@lru_cache(maxsize=100_000)
def even(word: str) -> tuple[str, ...]:
    """One word as written (small letters) in its even form: one word, seldom two. Remembered: people share their words."""
    word = _NUMBERED.sub("", _STRETCHED.sub(r"\1", word))
    word = ABBREVIATIONS.get(word, word)
    if " " in word:
        return tuple(word.split())
    return (_stem(word),)


def _stem(word: str) -> str:
    for ending in _HANGING:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word.removesuffix(ending)
            word = ABBREVIATIONS.get(word, word)
            break
    return word if word in _KEPT else _without_verbal_prefix(word)


def _without_verbal_prefix(word: str) -> str:
    for prefix, before, swallowed in _NASAL:
        rest = word.removeprefix(prefix)
        if rest != word and rest[:1] and rest[0] in before and len(rest) + len(swallowed) >= _SHORTEST:
            return swallowed + _without_verbal_suffix(rest)
    return word


def _without_verbal_suffix(rest: str) -> str:
    """After a verbal prefix, -kan is an ending ("dibersihkan", "membersihkan"); -i is left, too many roots end in it."""
    return rest.removesuffix("kan") if len(rest) >= _SHORTEST + len("kan") else rest
