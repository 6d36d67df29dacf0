import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.masking import mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("NIK saya 3671012345678901", "NIK saya [NIK]"),
        ("NIK 3671 0123 4567 8901 ya", "NIK [NIK] ya"),
        ("hubungi 0812-3456-7890", "hubungi [telepon]"),
        ("telepon +62 21 5551234", "telepon [telepon]"),
        ("surel warga.satu@contoh.co.id saja", "surel [e-mail] saja"),
        ("mobil B 1234 XYZ parkir", "mobil [pelat] parkir"),
        ("motor b 1234 xyz", "motor [pelat]"),
    ],
)
def test_a_direct_identifier_is_replaced_by_what_it_was(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", ["RT 05 RW 012", "Jalan Melati No 12 Blok A 3", "tahun 2026 bulan 11", "Rp 1.500.000"])
def test_places_years_and_money_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text())
def test_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)
