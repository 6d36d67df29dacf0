"""What citizens are told."""

import re

import pytest

from shared.city import City, MessageValues
from shared.contracts.vocabulary import Fact, Language

TOLD = {
    Fact.RECEIVED, Fact.ASSIGNED, Fact.RETURNED, Fact.PROGRESSED, Fact.ASKED, Fact.ANSWERED, Fact.RESOLVED, Fact.CONFIRMED,
    Fact.DISPUTED, Fact.CLOSED_UNCONFIRMED, Fact.REJECTED, Fact.WITHDRAWN, Fact.MERGED, Fact.ESCALATED,
}  # fmt: skip
LEAST = MessageValues(code="TGR-7K4M9-92QXA", link="https://serap.example/t/TGR-7K4M9-92QXA", city="Kota Tangerang")
FULL = MessageValues(
    code=LEAST.code,
    link=LEAST.link,
    city=LEAST.city,
    agency="DPUPR",
    topic="Jalan rusak",
    answer="Sudah ditambal & diaspal <ulang>.",
    due_answer="Senin, 9 Februari 2026",
    due_resolve="Jumat, 20 Februari 2026",
    confirm_before="Rabu, 4 Maret 2026",
)


def test_citizens_are_told_these_facts_and_no_others(city: City) -> None:
    assert {fact for fact in Fact if city.messages.tells(fact)} == TOLD


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("fact", sorted(TOLD))
@pytest.mark.parametrize("values", [LEAST, FULL], ids=["least", "full"])
def test_every_message_reads_well_with_little_and_with_much(
    city: City, fact: Fact, language: Language, values: MessageValues
) -> None:
    message = city.messages.render(fact, language, values)
    assert message is not None
    for text in (message.long, message.short):
        assert values.link in text
        assert not re.search(r"None|\{\{|\{%|  |\n\n\n| [.,]", text)
    assert values.code in message.subject
    assert "\n" not in message.subject + message.short


def test_the_agencys_answer_is_given_in_its_own_words(city: City) -> None:
    message = city.messages.render(Fact.RESOLVED, Language.ID, FULL)
    assert message is not None
    assert "Sudah ditambal & diaspal <ulang>." in message.long
    assert "sebelum Rabu, 4 Maret 2026" in message.long


def test_a_line_break_in_a_name_cannot_add_a_mail_header(city: City) -> None:
    values = MessageValues(code="X", link="l", city="c", agency="DPUPR\r\nBcc: all@city.example")
    message = city.messages.render(Fact.ASSIGNED, Language.ID, values)
    assert message is not None
    assert "\n" not in message.subject
    assert "\r" not in message.subject


def test_a_template_in_a_citizens_or_agencys_words_is_text(city: City) -> None:
    values = MessageValues(code="X", link="l", city="c", answer="{{ code.__class__ }}")
    message = city.messages.render(Fact.PROGRESSED, Language.EN, values)
    assert message is not None
    assert "{{ code.__class__ }}" in message.long
