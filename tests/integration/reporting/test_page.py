"""The map page from real facts."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from services.reporting.app import build
from shared.city import City
from shared.contracts.events import LifecycleFact
from shared.contracts.vocabulary import Fact, Status
from shared.runtime import freshness
from shared.runtime.settings import Settings
from tests.integration.reporting.conftest import Reporting, fill
from tests.integration.reporting.lives import Lives
from tests.services import running, settings_for
from tests.stack import Broker, Postgres, free_port
from tests.waiting import eventually

KELURAHAN, KECAMATAN = "36.71.08.1001", "36.71.08"


def now() -> datetime:
    return datetime.now(UTC)


def voices(city: City, count: int, **changes: object) -> list[LifecycleFact]:
    """So many aspirations about floods, handed in an hour ago, each with one fact."""
    [first] = list(Lives(city).facts(1))[:1]
    at = now() - timedelta(hours=1)
    common = {"topic": "banjir", "agency": "DPUPR", "kelurahan": KELURAHAN, "kecamatan": KECAMATAN, "received_at": at, "at": at}
    return [
        first.model_copy(update={**common, "aspiration_id": life.aspiration_id, **changes})
        for life in Lives(city, seed=99).facts(count)
        if life.ver == 1
    ]


async def page(client: httpx.AsyncClient, path: str = "/", language: str = "id") -> str:
    answer = await client.get(path, headers={"accept-language": language})
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


async def test_the_page_answers_where_the_most_voiced_need_is_strongest(dsn: str, client: httpx.AsyncClient, city: City) -> None:
    await fill(dsn, voices(city, 60))
    html = await page(client)
    assert "Banjir dan genangan: di mana paling banyak disuarakan?" in html
    assert "100,0%" in html
    assert "text/html" in (await client.get("/")).headers["content-type"]


async def test_the_page_says_who_works_on_it_and_how_fast(dsn: str, client: httpx.AsyncClient, city: City) -> None:
    received = now() - timedelta(days=10)
    told = voices(city, 40, received_at=received, due_resolve_at=received + timedelta(days=5))
    answers = [
        fact.model_copy(
            update={"ver": 2, "fact": Fact.PROGRESSED, "status": Status.IN_PROGRESS, "at": received + timedelta(days=2.5)}
        )
        for fact in told[:30]
    ]
    await fill(dsn, [*told, *answers])
    html = await page(client, "/?tema=banjir", "en")
    row = re.search(r"<tr><th scope=\"row\">DPUPR.*?</tr>", html)
    assert row
    assert re.findall(r"<td[^>]*>([^<]*)</td>", row.group()) == ["30", "30", "30", "2.5"]


async def test_the_page_tells_what_came_in_on_all_themes_and_where_it_stands(
    dsn: str, client: httpx.AsyncClient, city: City
) -> None:
    floods, rest = voices(city, 40), voices(city, 60)[40:]
    elsewhere = next(iter(city.areas.kelurahan.values()))
    about_lights = {"topic": "lampu_jalan", "kelurahan": elsewhere.code, "kecamatan": elsewhere.kecamatan_code}
    lights = [fact.model_copy(update=about_lights) for fact in rest]
    closed = [f.model_copy(update={"ver": 2, "fact": Fact.CONFIRMED, "status": Status.CLOSED}) for f in floods[:9]]
    await fill(dsn, [*floods, *lights, *closed])
    shown = "Semua tema: 60 aspirasi masuk. Sekarang 51 masih dipilah, 0 di instansi, 9 sudah dijawab atau ditutup."
    assert shown in await page(client, "/?tema=banjir")
    assert "All themes: 60 aspirations received. Now 51 are being sorted" in await page(client, "/?tema=banjir", "en")
    assert "Semua tema, Periuk: 40 aspirasi masuk." in await page(client, f"/?tema=banjir&kecamatan={KECAMATAN}")


async def test_a_kecamatan_is_drawn_large_with_its_own_figures(dsn: str, client: httpx.AsyncClient, city: City) -> None:
    elsewhere = next(iter(city.areas.kelurahan.values()))
    told = voices(city, 70)
    moved = [
        f.model_copy(update={"kelurahan": elsewhere.code, "kecamatan": elsewhere.kecamatan_code, "ver": 2}) for f in told[:9]
    ]
    await fill(dsn, [*told, *moved])
    html = await page(client, f"/?tema=banjir&hari=30&kecamatan={KECAMATAN}")
    assert "Bagaimana ditanggapi, Periuk" in html
    assert re.search(r"<dt>Aspirasi masuk</dt><dd>61</dd>", html)


async def test_an_empty_city_is_a_page_too(client: httpx.AsyncClient) -> None:
    html = await page(client)
    assert "Belum ada cukup data" in html
    assert "Semua tema: belum ada aspirasi masuk." in html
    assert "Belum ada laporan tentang tema ini." in html


async def test_an_address_of_nothing_is_a_page_that_says_so(client: httpx.AsyncClient) -> None:
    for query in ("tema=naga", "hari=abc", f"hari={'9' * 20}", "kecamatan=99", "tema=%00", "tema=%FF", "kecamatan=%27;--"):
        answer = await client.get(f"/?{query}")
        assert answer.status_code == 404, query
        assert "Halaman ini tidak ada" in answer.text


async def test_an_address_that_no_page_has_is_a_page_for_people_and_json_for_programs(client: httpx.AsyncClient) -> None:
    assert "Halaman ini tidak ada" in (await client.get("/peta")).text
    assert (await client.get("/v1/peta")).headers["content-type"] == "application/problem+json"


async def test_parameters_that_nobody_reads_change_nothing(client: httpx.AsyncClient) -> None:
    assert (await client.get("/?utm_source=x&bahasa=klingon&tema=&hari=&kecamatan=")).status_code == 200


async def test_the_page_offers_its_figures_as_csv(dsn: str, client: httpx.AsyncClient, city: City) -> None:
    await fill(dsn, voices(city, 60))
    address = re.search(r'href="(/v1/aggregates\.csv[^"]*)"', await page(client, f"/?kecamatan={KECAMATAN}"))
    assert address
    answer = await client.get(address.group(1).replace("&amp;", "&"))
    assert answer.text == f"kelurahan,kecamatan,count\r\n{KELURAHAN},{KECAMATAN},60\r\n"


async def test_no_number_from_one_to_four_is_on_the_page(dsn: str, client: httpx.AsyncClient, city: City) -> None:
    await fill(dsn, voices(city, 3))
    html = await page(client, "/?tema=banjir")
    assert '<td class="n">&lt;5</td>' in html
    assert not re.search(r">\s*3\s*</(td|dd)>", html)


async def test_the_demonstration_says_that_it_is_one(postgres: Postgres, dsn: str) -> None:
    settings = settings_for(dsn, f"127.0.0.1:{free_port()}", Settings, demo=True)
    async with running(build(settings)) as client:
        assert "Data contoh." in await page(client)
        assert (await client.get("/")).headers["cache-control"] == "private, no-cache", "one looks at it to see figures move"


async def test_without_its_database_the_page_says_that_nothing_is_lost(postgres: Postgres, client: httpx.AsyncClient) -> None:
    postgres.server.kill()
    try:
        answer = await client.get("/?bahasa=en")
        figures = await client.get("/v1/aggregates")
    finally:
        postgres.server.start()
    assert answer.status_code == figures.status_code == 503
    assert "Nothing is lost" in answer.text
    assert figures.headers["content-type"] == "application/problem+json"


async def test_the_page_is_up_to_date_while_the_log_is_read(reporting: Reporting) -> None:
    async def dated() -> bool:
        return (await reporting.client.get("/v1/aggregates")).json()["updated_at"] is not None

    await eventually("the moment up to which everything is counted", dated)
    assert "sedang tertinggal" not in await page(reporting.client)


async def test_the_page_says_that_it_is_behind_where_the_log_was_never_read(
    dsn: str, client: httpx.AsyncClient, city: City
) -> None:
    assert "Belum ada data." in await page(client)
    await fill(dsn, voices(city, 60))
    html = await page(client)
    assert "Data terakhir" in html
    assert "sedang tertinggal" in html


async def test_the_page_says_that_it_is_behind_when_the_broker_goes_away(
    reporting: Reporting, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "STALE_AFTER", timedelta(seconds=4))

    async def is_behind() -> bool:
        return "sedang tertinggal" in await page(reporting.client)

    async def is_fresh() -> bool:
        return not await is_behind()

    await eventually("the page to be fresh", is_fresh)
    broker.server.stop()
    await eventually("the page to say that it is behind", is_behind)
