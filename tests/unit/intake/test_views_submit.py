"""The citizen's form as values: what was typed, what is wrong, what comes next."""

from typing import Any

import pytest

from services.intake.views.submit import Answers, FormView, Page, answer_form, new_form, not_stored, submission
from shared.city import City
from shared.contracts.vocabulary import ContactKind, Language

KEY = "00000000-0000-4000-8000-000000000007"
FRESH = "00000000-0000-4000-8000-000000000008"
FILLED = {"key": KEY, "text": "Lampu mati.", "kecamatan": "36.71.08", "kelurahan": "36.71.08.1001", "contact": "none"}


def post(city: City, **fields: Any) -> FormView:
    return answer_form({**FILLED, **fields}, city.areas, FRESH)


def wrong(view: FormView) -> dict[str, str]:
    return {error.field: error.key for error in view.errors}


def test_a_new_form_begins_with_the_story(city: City) -> None:
    view = new_form(city.areas, KEY)
    assert (view.page, view.answers, view.errors) == (Page.STORY, Answers(KEY), ())


@pytest.mark.parametrize(
    ("page", "following"),
    [("story", Page.KECAMATAN), ("kecamatan", Page.PLACE), ("place", Page.CONTACT), ("contact", Page.CHECK)],
)
def test_each_page_leads_to_the_next(city: City, page: str, following: Page) -> None:
    assert post(city, page=page, action="next").page is following


def test_back_keeps_what_was_typed_and_finds_no_fault(city: City) -> None:
    view = post(city, page="contact", action="back", contact="email", address="x")
    assert (view.page, view.errors, view.answers.address) == (Page.PLACE, (), "x")


def test_another_language_stays_on_the_page(city: City) -> None:
    assert post(city, page="place", action="stay").page is Page.PLACE


def test_who_corrects_something_from_the_last_page_returns_to_it_at_once(city: City) -> None:
    checked = post(city, page="contact", action="next").answers.checked
    corrected = post(city, page="story", action="next", text="Lampu mati sejak Senin.", checked=checked)
    assert corrected.page is Page.CHECK


def test_another_kecamatan_asks_for_its_kelurahan_even_after_the_last_page(city: City) -> None:
    view = post(city, page="kecamatan", action="next", kecamatan="36.71.01", checked="ya")
    assert (view.page, view.answers.kelurahan) == (Page.PLACE, "")


@pytest.mark.parametrize(
    ("page", "fields", "errors"),
    [
        ("story", {"text": " \n"}, {"text": "submit.error_text"}),
        ("story", {"text": "a" * 20_001}, {"text": "submit.error_long"}),
        ("story", {"text": "a\x00"}, {"text": "submit.error_value"}),
        ("kecamatan", {"kecamatan": ""}, {"kecamatan": "submit.error_kecamatan"}),
        ("kecamatan", {"kecamatan": "99.99.99"}, {"kecamatan": "submit.error_kecamatan"}),
        ("place", {"kelurahan": ""}, {"kelurahan": "submit.error_kelurahan"}),
        ("place", {"rw": "tiga"}, {"rw": "submit.error_rw"}),
        ("contact", {"contact": "email", "address": "x", "consent": "ya"}, {"address": "submit.error_email"}),
        ("contact", {"contact": "sms", "address": "12", "consent": "ya"}, {"address": "submit.error_phone"}),
        ("contact", {"contact": "sms", "address": "081200000000"}, {"consent": "submit.error_consent"}),
        ("contact", {"contact": "erased", "consent": "ya"}, {"contact": "submit.error_choice"}),
        ("contact", {"contact": "pigeon", "consent": "ya"}, {"contact": "submit.error_choice"}),
    ],
)
def test_a_mistake_stays_on_its_page_and_names_its_field(
    city: City, page: str, fields: dict[str, str], errors: dict[str, str]
) -> None:
    view = post(city, page=page, action="next", **fields)
    assert (view.page, wrong(view)) == (Page(page), errors)


def test_sending_goes_back_to_the_first_page_with_a_mistake(city: City) -> None:
    view = post(city, page="check", action="send", kelurahan="", contact="sms")
    assert (view.page, wrong(view), view.ready) == (Page.PLACE, {"kelurahan": "submit.error_kelurahan"}, False)


def test_a_form_that_is_right_is_ready(city: City) -> None:
    assert post(city, page="check", action="send").ready


def test_a_key_that_is_not_ours_is_replaced(city: City) -> None:
    assert post(city, key="x" * 10_000).answers.key == FRESH


def test_what_a_page_does_not_ask_travels_hidden(city: City) -> None:
    hidden = dict(post(city, page="story", action="next").answers.hidden(Page.KECAMATAN))
    assert hidden["text"] == "Lampu mati."
    assert "kecamatan" not in hidden


def test_the_submission_says_what_was_typed(city: City) -> None:
    view = post(city, action="send", page="check", contact="whatsapp", address="0812-0000 0000", consent="ya", rw="03")
    said = submission(view.answers, Language.EN)
    assert (said.contact.kind, said.contact.address, said.contact.consent) == (ContactKind.WHATSAPP, "081200000000", True)
    assert (said.place.kelurahan, said.place.rw, said.language) == ("36.71.08.1001", "03", Language.EN)


def test_who_does_not_know_the_place_says_nothing_about_it(city: City) -> None:
    said = submission(post(city, kecamatan="-", kelurahan="", action="send", page="check").answers, Language.ID)
    assert said.place.model_dump(exclude_none=True) == {}


def test_what_was_not_stored_can_be_sent_again(city: City) -> None:
    view = not_stored(Answers(KEY, text="Lampu mati."), city.areas, "submit.not_stored", FRESH)
    assert (view.page, view.answers, view.trouble) == (Page.CHECK, Answers(FRESH, text="Lampu mati."), "submit.not_stored")
