"""Indonesian as citizens write it, evened out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.words import normalise


@pytest.mark.parametrize(
    ("written", "even"),
    [
        ("Jln yg blm diperbaiki", "jalan yang belum perbaiki"),
        ("RUSAAAAK paraaah", "rusak parah"),
        ("lampunya", "lampu"),
        ("anak2 di rt05", "anak di rt"),
        ("memangkas dipangkas", "pangkas pangkas"),
        ("membersihkan, dibersihkan!", "bersih bersih"),
        ("ijin antrian akte", "izin antrean akta"),
        ("hubungi [telepon] lihat https://contoh.example/a?b", "hubungi lihat"),
        ("nomor 112", "nomor 112"),
        ("kartu AK1", "kartu ak1"),
    ],
)
def test_spelling_affixes_and_abbreviations_are_evened_out(written: str, even: str) -> None:
    assert " ".join(normalise(written)) == even


@pytest.mark.parametrize("word", ["dinas", "mesin", "media", "jalan", "saluran", "rumah"])
def test_a_word_that_only_looks_affixed_stays(word: str) -> None:
    assert normalise(word) == [word]


def test_to_request_is_not_a_tree() -> None:
    assert "pohon" not in normalise("kami memohon, dimohon, permohonan")


@given(st.text())
def test_any_text_becomes_plain_words(text: str) -> None:
    assert all(word and word.isascii() and word.isalnum() for word in normalise(text))
