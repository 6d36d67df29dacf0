"""Topic and agency of a text, with the words that decided."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.classify import DEFAULT_THRESHOLD, Classifier, WordClassifier
from shared.city import City, load_simulation


@pytest.fixture(scope="module")
def classifier(city: City) -> Classifier:
    return WordClassifier(city)


@pytest.mark.parametrize(
    ("text", "topic", "agency"),
    [
        ("aspal jln berlubang, mhon ditambal", "jalan_rusak", "DPUPR"),
        ("lampu jalan mati", "lampu_jalan", "DISHUB"),
        ("pohon besar minta dipangkas", "pohon", "DISBUDPAR"),
        ("polisi tidur terlalu tinggi", "rambu_marka", "DISHUB"),
        ("kantor polisi", "kriminalitas", "POLRES"),
        ("ketua RT tidak transparan soal iuran warga", "rt_rw", "KEWILAYAHAN"),
        ("nomor 112 tidak diangkat", "cctv_112", "DISKOMINFO"),
    ],
)
def test_a_plain_text_finds_its_topic(classifier: Classifier, text: str, topic: str, agency: str) -> None:
    (judged,) = classifier.classify([text])
    assert (judged.topic, judged.agency) == (topic, agency)


def test_the_words_that_decided_are_told_strongest_first(classifier: Classifier) -> None:
    (judged,) = classifier.classify(["Mohon pemangkasan pohon, daunnya rimbun."])
    assert judged.reason[0] == "pohon"
    assert {"pemangkasan", "rimbun"} <= set(judged.reason)


@pytest.mark.parametrize("text", ["", "   ", "xyzzy 123 !!!", "selamat pagi"])
def test_a_text_without_a_known_word_has_no_topic(classifier: Classifier, text: str) -> None:
    (judged,) = classifier.classify([text])
    assert (judged.topic, judged.agency, judged.confidence, judged.alternatives) == (None, None, 0.0, ())


def test_shouting_is_no_evidence(classifier: Classifier) -> None:
    once, often = classifier.classify(["pohon di parkir liar", "pohon " * 50 + "di parkir liar parkir liar"])
    assert abs(once.confidence - often.confidence) < 0.1


def test_the_words_inside_a_phrase_do_not_count_again(classifier: Classifier) -> None:
    (judged,) = classifier.classify(["pedagang kaki lima"])
    assert judged.reason == ("pedagang kaki lima",)


def test_a_text_between_two_agencies_is_less_sure_and_names_both(classifier: Classifier) -> None:
    one, two = classifier.classify(["lampu jalan mati", "lampu jalan mati dan ada pohon tumbang"])
    assert two.confidence < one.confidence
    assert {agency for _, agency, _ in two.alternatives} >= {"DISHUB", "DISBUDPAR"}


@given(st.text(max_size=300))
def test_confidence_is_a_share_and_alternatives_are_three_different_agencies(classifier: Classifier, text: str) -> None:
    (judged,) = classifier.classify([text + " jalan rumah air sekolah lampu"])
    agencies = [agency for _, agency, _ in judged.alternatives]
    shares = [share for _, _, share in judged.alternatives]
    assert len(agencies) == len(set(agencies)) <= 3
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert sum(shares) <= 1 + 1e-9
    assert (judged.topic, judged.agency, judged.confidence) == judged.alternatives[0]


def test_the_judgement_of_a_text_does_not_depend_on_its_neighbours(classifier: Classifier) -> None:
    texts = ["air mati", "tolong", "sampah tidak diangkut"]
    assert classifier.classify(texts) == [classifier.classify([text])[0] for text in texts]


def test_most_of_the_demos_voices_reach_their_agency(classifier: Classifier, city: City, pack: Path) -> None:
    voices = [voice for voice in load_simulation(pack, city).voices if voice.topic]
    judged = classifier.classify([voice.text for voice in voices])
    agencies = [city.topics[voice.topic].agency for voice in voices if voice.topic]
    right = sum(j.agency == agency for j, agency in zip(judged, agencies, strict=True))
    assert right / len(voices) > 0.9
    assert 0.5 < sum(j.confidence >= DEFAULT_THRESHOLD for j in judged) / len(voices) < 1


def test_thousands_of_texts_are_judged_in_a_second(classifier: Classifier, city: City, pack: Path) -> None:
    texts = [voice.text * 4 for voice in load_simulation(pack, city).voices] * 10
    started = time.process_time()
    classifier.classify(texts)
    assert len(texts) / (time.process_time() - started) > 1_000  # 12,000 on a quiet machine
