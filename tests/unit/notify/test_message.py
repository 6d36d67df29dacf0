"""The words of one notice."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.notify.domain.message import Due, Letter, NoMessage, compose
from shared.city import City
from shared.contracts.vocabulary import ContactKind, Fact, Language

AT = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)  # already Tuesday in the city
DUE = Due(
    aspiration_id=UUID(int=1), ver=4, fact=Fact.PROGRESSED, at=AT, received_at=AT, topic="drainase", agency="DPUPR",
    confidential=False, due_answer_at=AT + timedelta(days=7), due_resolve_at=AT + timedelta(days=14), ready_at=AT, tries=0,
    kind=ContactKind.EMAIL, address="warga@contoh.example", language=Language.ID, tracking_code="TGR-7K4M9-92QXA",
    answer="Saluran sedang dikeruk.", first=False,
)  # fmt: skip
LINK = "https://serap.example/t/TGR-7K4M9-92QXA"


def letter(city: City, **changes: object) -> Letter:
    return compose(replace(DUE, **changes), city, "https://serap.example/")  # type: ignore[arg-type]


def test_an_e_mail_says_what_the_agency_said_its_full_name_the_date_and_the_link(city: City) -> None:
    made = letter(city)
    assert made.subject == "Kabar tentang laporan TGR-7K4M9-92QXA"
    for told in ("Saluran sedang dikeruk.", "Dinas Pekerjaan Umum dan Penataan Ruang", "Selasa, 8 Desember 2026", LINK):
        assert told in made.body


@pytest.mark.parametrize("kind", [ContactKind.SMS, ContactKind.WHATSAPP])
def test_a_short_message_is_one_line_with_the_short_name_and_no_subject(city: City, kind: ContactKind) -> None:
    made = letter(city, kind=kind)
    assert made.subject == ""
    assert "\n" not in made.body
    assert "DPUPR" in made.body
    assert LINK in made.body


def test_the_reader_chooses_the_language_and_the_city_the_clock(city: City) -> None:
    made = letter(city, language=Language.EN, fact=Fact.ASSIGNED)
    assert made.body.startswith("We passed your report to")
    assert "Drains and culverts" in made.body
    assert "Tuesday, 1 December 2026" in made.body


def test_a_result_says_until_when_it_may_be_disputed(city: City) -> None:
    assert "sebelum Selasa, 8 Desember 2026" in letter(city, fact=Fact.RESOLVED).body


@pytest.mark.parametrize("fact", list(Fact))
@pytest.mark.parametrize("kind", [ContactKind.EMAIL, ContactKind.SMS])
def test_of_a_confidential_case_nobody_learns_what_it_is_about(city: City, fact: Fact, kind: ContactKind) -> None:
    if not city.messages.tells(fact):
        with pytest.raises(NoMessage):
            letter(city, fact=fact)
        return
    made = letter(city, fact=fact, kind=kind, confidential=True)
    assert LINK in made.body
    for secret in ("Saluran", "DPUPR", "Pekerjaan Umum", "rainase"):
        assert secret not in made.subject + made.body


def test_an_agency_or_topic_that_the_city_no_longer_has_is_left_out(city: City) -> None:
    made = letter(city, fact=Fact.ASSIGNED, agency="GONE", topic="gone")
    assert made.body.startswith("Laporan Anda kami teruskan ke instansi yang bertugas.")
