from collections import Counter

import pytest

from shared.contracts import topics
from shared.contracts.topics import FOR_EVER, PersonalData

CATALOGUE = topics.catalogue(["kiosk", "forum"], ["DISHUB", "DPUPR"])


def test_every_topic_is_declared_once() -> None:
    assert [name for name, times in Counter(topic.name for topic in CATALOGUE).items() if times > 1] == []


def test_every_service_that_reads_a_topic_has_a_dead_letter_topic_of_its_own_for_it() -> None:
    wanted = {
        topics.dead_letters(topic.name, reader)
        for topic in CATALOGUE
        if not topic.name.endswith(".dlq")
        for reader in topic.readers
        if reader in ("intake", "routing", "notify", "reporting")
    }
    assert {topic.name for topic in CATALOGUE if topic.name.endswith(".dlq")} == wanted


def test_a_dead_letter_may_hold_what_its_topic_may_hold_and_does_not_stay_for_ever() -> None:
    for topic in CATALOGUE:
        for dead in topics.dead_letter_topics(topic):
            assert dead.personal_data is topic.personal_data
            assert not dead.compacted
            assert dead.retention_ms != FOR_EVER


def test_what_is_kept_for_ever_holds_no_person_unless_a_tombstone_can_erase_it() -> None:
    kept = [topic for topic in CATALOGUE if topic.retention_ms == FOR_EVER and topic.personal_data is not PersonalData.NONE]
    assert [topic.name for topic in kept] == [topics.CONTACTS.name]
    assert topics.CONTACTS.compacted


@pytest.mark.parametrize("code", ["DISHUB", "dishub"])
def test_an_agency_is_known_by_its_topic(code: str) -> None:
    assert topics.agency_of(topics.updates(code).name) == "DISHUB"


def test_who_writes_from_outside_is_not_trusted() -> None:
    families = {topic.name.split(".")[-2] for topic in CATALOGUE if not topic.trusted and not topic.name.endswith(".dlq")}
    assert families == {"submissions", "updates"}
