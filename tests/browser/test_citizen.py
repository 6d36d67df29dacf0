"""A citizen and the real service: from the empty form to "yes, it is settled". The test speaks for routing."""

import asyncio
import re
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import pytest
import uvicorn
from playwright.sync_api import BrowserContext, Page, expect

from services.intake.app import build
from services.intake.settings import IntakeSettings
from shared.contracts import topics
from shared.contracts.events import CitizenReplied
from shared.contracts.vocabulary import AnswerKind, Fact, ReplyKind, Status
from tests.browser.visit import Visit, visiting
from tests.integration.intake.citizens import MIGRATIONS, answer, answer_record, fact, fact_record, resolved
from tests.services import read, send, settings_for
from tests.stack import Broker, Postgres, free_port
from tests.waiting import until

pytestmark = pytest.mark.browser
T = TypeVar("T")


def aside(work: Coroutine[Any, Any, T]) -> T:
    """Playwright's own loop occupies this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@dataclass(frozen=True)
class Counter:
    """The running service."""

    address: str
    dsn: str
    bootstrap: str

    def id_of(self, code: str) -> UUID:
        async def ask() -> UUID:
            connection = await asyncpg.connect(self.dsn)
            try:
                found: UUID = await connection.fetchval("SELECT id FROM aspirations WHERE tracking_code = $1", code)
                return found
            finally:
                await connection.close()

        return aside(ask())


@pytest.fixture
def counter(postgres: Postgres, broker: Broker, pack: Path) -> Iterator[Counter]:
    dsn, port = aside(postgres.database(MIGRATIONS)), free_port()
    address = f"http://127.0.0.1:{port}"
    settings = settings_for(dsn, broker, IntakeSettings, pin_secret="5e" * 32, intake_url=address, city=pack)
    server = uvicorn.Server(uvicorn.Config(build(settings).app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until("intake to answer", lambda: server.started or not thread.is_alive())
    yield Counter(address, dsn, broker.bootstrap)
    server.should_exit = True
    thread.join(30)


def fill_in(visit: Visit) -> tuple[str, str]:
    """Walks the form; returns code and PIN as they stand on the receipt."""
    page = visit.page
    go_on = page.get_by_role("button", name="Lanjut")
    visit.go("/")
    page.get_by_label("Ceritakan apa yang terjadi").fill("Lampu jalan di gang kami mati.\nSudah sejak Senin.")
    go_on.click()
    page.get_by_label("Kecamatan").select_option(label="Periuk")
    go_on.click()
    page.get_by_label("Kelurahan di Kecamatan Periuk").select_option(label="Gembor")
    go_on.click()
    go_on.click()
    page.get_by_role("button", name="Kirim", exact=True).click()
    return receipt(page)


def receipt(page: Page) -> tuple[str, str]:
    expect(page.get_by_role("heading", level=1)).to_have_text("Laporan Anda sudah kami terima")
    code, pin = page.locator("dd.kode").all_inner_texts()
    return code, pin


def reload_until(page: Page, words: str) -> None:
    """Presses the page's own reload button until the news is there."""
    for _ in range(100):
        if words in page.locator("main").inner_text():
            return
        page.get_by_role("button", name="Muat ulang").click()
        page.wait_for_timeout(200)
    raise AssertionError(f"the page never said: {words}")


def test_a_citizen_goes_from_the_empty_form_to_a_confirmed_result(context: BrowserContext, counter: Counter) -> None:
    with visiting(context, counter.address, 360) as visit:
        page = visit.page
        slip = code, pin = fill_in(visit)
        page.reload()
        assert receipt(page) == slip
        page.go_back()
        page.get_by_role("button", name="Kirim", exact=True).click()
        assert receipt(page) == slip

        page.get_by_role("link", name="Lacak laporan").click()
        expect(page.locator("main")).not_to_contain_text("Lampu jalan di gang kami mati.")
        page.get_by_label("PIN").fill(pin)
        page.get_by_role("button", name="Buka", exact=True).click()
        expect(page.locator("main")).to_contain_text("Lampu jalan di gang kami mati.")

        aspiration = counter.id_of(code)
        news = [*map(fact_record, resolved(aspiration)), answer_record(answer(aspiration, 4, AnswerKind.RESULT, "Sudah terang."))]
        aside(send(counter.bootstrap, *news))
        reload_until(page, "Sudah terang.")
        page.get_by_label("Ya, sudah teratasi").check()
        page.get_by_label("5", exact=True).check()
        page.get_by_role("button", name="Kirim penilaian").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Jawaban Anda sudah kami terima")
        page.reload()
        [record] = aside(read(counter.bootstrap, topics.REPLIES.name, 1))
        said = CitizenReplied.model_validate_json(record.value or b"")
        assert (said.aspiration_id, said.kind, said.rating) == (aspiration, ReplyKind.CONFIRM, 5)

        aside(send(counter.bootstrap, fact_record(fact(aspiration, 5, Fact.CONFIRMED, Status.CLOSED))))
        reload_until(page, "Selesai, dan Anda membenarkannya")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Done, and you confirmed it")
        expect(page.locator("main")).to_contain_text("Sudah terang.")
        assert visit.messages == []
        assert visit.foreign_requests == []
        assert not any(re.search(pin.replace(" ", ""), url) for url in visit.requested)
