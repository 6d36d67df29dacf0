import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("NIK saya 3671012345678901", "NIK saya [NIK]"),
        ("NIK 3671 0123 4567 8901 ya", "NIK [NIK] ya"),
        ("NIK 367101/010190/0001 ya", "NIK [NIK] ya"),
        ("NIK 3671\u00a00123\u00a04567\u00a08901", "NIK [NIK]"),
        ("NIK 36710123\n45678901", "NIK [NIK]"),
        ("hubungi 0812-3456-7890", "hubungi [telepon]"),
        ("hp.081234567890", "hp.[telepon]"),
        ("WA.0812-3456-7890", "WA.[telepon]"),
        ("0812  3456  7890", "[telepon]"),
        ("0812\u20133456\u20137890", "[telepon]"),
        ("0812\u200b3456\u200b7890", "[telepon]"),
        ("０８１２３４５６７８９０", "[telepon]"),
        ("0062 812 3456 7890", "[telepon]"),
        ("telepon +62 21 5551234", "telepon [telepon]"),
        ("nomor 81234567890 ya", "nomor [telepon] ya"),
        ("surel warga.satu@contoh.co.id saja", "surel [e-mail] saja"),
        ("surel warga @ contoh.example saja", "surel [e-mail] saja"),
        ("surel warga(at)contoh.example", "surel [e-mail]"),
        ("mobil B 1234 XYZ parkir", "mobil [pelat] parkir"),
        ("mobil B-1234-XYZ parkir", "mobil [pelat] parkir"),
        ("motor b 1234 xyz", "motor [pelat]"),
    ],
)
def test_a_direct_identifier_is_replaced_by_what_it_was(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "RT 05 RW 012",
        "Jalan Melati No 12 Blok A 3",
        "Blok A 120 RT 03",
        "gang H 112 RW 3",
        "tahun 2026 bulan 11",
        "Rp 1.500.000",
        "panjang 0.812345678 km",
        "24/11/2026 10.30-12.45",
        "buka 08.00-16.00, Sabtu 09.00-12.00",
        "kodepos 15111",
        "keluarga \U0001f468\u200d\U0001f469\u200d\U0001f467",
    ],
)
def test_places_dates_times_and_money_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text() | st.text("0123456789 .-+62@abB(RT)[]", max_size=60))
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.parametrize("piece", ["a", "1", "0", "a.", "0 ", "62 ", "B 1", "8-", "@", "a@", "\u200b", "0812 "])
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    """Ten times the text, about ten times the work; a quadratic pattern takes a hundred times."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        return min(_timed(text) for _ in range(3))

    assert seconds(50_000) < 40 * max(seconds(5_000), 1e-4)


def _timed(text: str) -> float:
    started = time.process_time()
    mask(text)
    return time.process_time() - started
