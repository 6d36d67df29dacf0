"""The citizen's form, walked like a citizen does, with and without scripts."""

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.browser.visit import visiting

pytestmark = pytest.mark.browser


def test_a_citizen_goes_from_story_to_receipt_and_corrects_a_mistake_on_the_way(context: BrowserContext, site: str) -> None:
    with visiting(context, site, 360) as visit:
        page, go_on = visit.page, visit.page.get_by_role("button", name="Lanjut")
        visit.go("/")
        go_on.click()
        expect(page.get_by_role("alert")).to_contain_text("Tulis apa yang terjadi.")
        expect(page).to_have_title("Galat: Apa yang ingin Anda sampaikan? - Serap, Kota Tangerang")
        page.get_by_label("Ceritakan apa yang terjadi").fill("Lampu jalan di gang kami mati.")
        go_on.click()
        page.get_by_label("Kecamatan").select_option(label="Periuk")
        go_on.click()
        page.get_by_label("Kelurahan di Kecamatan Periuk").select_option(label="Gembor")
        page.get_by_label("Patokan").fill("Dekat musala")
        go_on.click()
        page.get_by_label("WhatsApp").check()
        page.get_by_label("Nomor atau alamat").fill("0812-0000-0000")
        go_on.click()
        expect(page.get_by_role("alert")).to_contain_text("Centang persetujuan")
        page.get_by_label("Saya setuju").check()
        go_on.click()
        expect(page.locator("main")).to_contain_text("Kelurahan Gembor, Kecamatan Periuk, Dekat musala")
        page.get_by_role("button", name="Ubah Isi").click()
        expect(page.get_by_label("Ceritakan apa yang terjadi")).to_have_value("Lampu jalan di gang kami mati.")
        go_on.click()
        page.get_by_role("button", name="Kirim", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Laporan Anda sudah kami terima")
        assert [text for text in visit.messages if "status of 422" not in text] == []


def test_the_other_kecamatan_forgets_the_kelurahan_of_the_first(context: BrowserContext, site: str) -> None:
    with visiting(context, site, 360) as visit:
        page, go_on = visit.page, visit.page.get_by_role("button", name="Lanjut")
        visit.go("/submit/place")
        page.get_by_role("button", name="Ganti kecamatan").click()
        page.get_by_label("Kecamatan").select_option(label="Benda")
        go_on.click()
        expect(page.get_by_label("Kelurahan di Kecamatan Benda")).to_have_value("")


def test_enter_in_a_field_goes_on_instead_of_back(context: BrowserContext, site: str) -> None:
    with visiting(context, site, 360) as visit:
        visit.go("/submit/place")
        visit.page.get_by_label("Patokan").press("Enter")
        expect(visit.page.get_by_role("heading", level=1)).to_have_text("Bagaimana kami mengabari Anda?")


def test_the_chosen_language_stays_through_the_form(context: BrowserContext, site: str) -> None:
    with visiting(context, site, 360) as visit:
        page = visit.page
        visit.go("/")
        page.get_by_role("button", name="English").click()
        page.get_by_label("Tell us what happened").fill("The street light is broken.")
        page.get_by_role("button", name="Continue").last.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Where is it?")


def test_a_printed_receipt_shows_code_and_pin_but_no_buttons(context: BrowserContext, site: str) -> None:
    with visiting(context, site, 794) as visit:
        visit.go("/receipt")
        visit.page.emulate_media(media="print")
        expect(visit.page.locator(".slip")).to_contain_text("048 213")
        expect(visit.page.get_by_role("link", name="Lacak laporan")).to_be_hidden()
        expect(visit.page.get_by_role("navigation")).to_be_hidden()
