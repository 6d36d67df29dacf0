"""`GET /v1/aggregates` on real facts."""

import csv
import io
from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from services.reporting.domain.aggregates import DIMENSIONS
from shared.city import City
from shared.contracts.events import LifecycleFact
from tests.integration.reporting.conftest import fill
from tests.integration.reporting.lives import Lives
from tests.integration.reporting.recount import CITY, lives_of


@pytest.fixture
async def told(dsn: str, city: City) -> list[LifecycleFact]:
    """The latest fact of each of 600 aspirations that were counted."""
    facts = list(Lives(city, days=60).facts(600))
    await fill(dsn, facts)
    return [life[-1] for life in lives_of(facts).values()]


async def ask(client: httpx.AsyncClient, **parameters: str) -> Mapping[str, Any]:
    answer = await client.get("/v1/aggregates", params=parameters)
    assert answer.status_code == 200, answer.text
    body: Mapping[str, Any] = answer.json()
    return body


async def test_without_a_grouping_there_is_one_row_and_the_exact_total(
    client: httpx.AsyncClient, told: list[LifecycleFact]
) -> None:
    body = await ask(client)
    assert body["rows"] == [{"count": 600}]
    assert body["total"] == 600
    assert body["updated_at"] is not None


async def test_rows_equal_a_recount_where_they_are_shown(client: httpx.AsyncClient, told: list[LifecycleFact]) -> None:
    body = await ask(client, group_by="status, agency")
    truth = Counter((f.agency, str(f.status)) for f in told)
    assert body["total"] == 600
    assert {(row["agency"], row["status"]) for row in body["rows"]} == set(truth)
    for row in body["rows"]:
        count = truth[row["agency"], row["status"]]
        assert row["count"] == ("<5" if count < 5 else count) or (row["count"] == "…" and count >= 5)


async def test_every_dimension_can_be_grouped_by_and_filtered(client: httpx.AsyncClient, told: list[LifecycleFact]) -> None:
    one = max(told, key=lambda f: sum(g.topic == f.topic for g in told))
    for name in ("agency", "topic", "kelurahan", "kecamatan", "channel", "status", "role"):
        value = str(getattr(one, name))
        body = await ask(client, **{name: value, "group_by": name})
        count = sum(str(getattr(f, name)) == value for f in told)
        assert body["total"] == (count if count >= 5 else "<5"), name
        assert [row[name] for row in body["rows"]] == [value]
    for name in DIMENSIONS:
        assert (await ask(client, group_by=name))["total"] == 600


async def test_a_period_holds_the_days_of_receipt_on_the_citys_calendar(
    client: httpx.AsyncClient, told: list[LifecycleFact]
) -> None:
    days = sorted(f.received_at.astimezone(CITY).date() for f in told)
    since, until = days[100], days[400]
    body = await ask(client, **{"from": since.isoformat(), "to": until.isoformat()})
    assert body["total"] == sum(since <= day <= until for day in days)


async def test_what_has_no_value_yet_is_null_and_can_be_asked_for(dsn: str, client: httpx.AsyncClient, city: City) -> None:
    facts = [next(Lives(city, seed=n).facts(1)) for n in range(7)]
    await fill(dsn, facts)
    assert (await ask(client, agency="none", group_by="agency"))["rows"] == [{"agency": None, "count": 7}]


async def test_a_filter_cannot_be_used_to_read_what_a_row_hides(client: httpx.AsyncClient, told: list[LifecycleFact]) -> None:
    truth = Counter(f.kelurahan for f in told)
    rare = min(truth, key=lambda code: truth[code])
    assert 0 < truth[rare] < 5
    body = await ask(client, kelurahan=str(rare))
    assert (body["rows"], body["total"]) == ([{"count": "<5"}], "<5")


async def test_csv_holds_the_same_rows(client: httpx.AsyncClient, told: list[LifecycleFact]) -> None:
    body = await ask(client, group_by="agency,status")
    answer = await client.get("/v1/aggregates.csv", params={"group_by": "agency,status"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert rows == [{"agency": row["agency"] or "", "status": row["status"], "count": str(row["count"])} for row in body["rows"]]


UNKNOWN = (
    ("agency", {"agency": "DINAS_SIHIR"}),
    ("topic", {"topic": "naga"}),
    ("kelurahan", {"kelurahan": "99.99.99.9999"}),
    ("kecamatan", {"kecamatan": "'; DROP TABLE cube; --"}),
    ("channel", {"channel": "pigeon"}),
    ("status", {"status": "lost"}),
    ("role", {"role": "king"}),
    ("from", {"from": "yesterday"}),
    ("to", {"to": "2026-13-01"}),
    ("to", {"from": "2026-02-01", "to": "2026-01-01"}),
    ("group_by", {"group_by": "agency,colour"}),
    ("agncy", {"agncy": "DPUPR"}),
    ("topic", {"topic": "\x00"}),
)


async def test_a_value_that_nobody_knows_is_refused_by_the_name_of_its_field(client: httpx.AsyncClient) -> None:
    for field, parameters in UNKNOWN:
        for path in ("/v1/aggregates", "/v1/aggregates.csv"):
            answer = await client.get(path, params=parameters)
            assert answer.status_code == 422, parameters
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["field"] == field


async def test_the_last_years_of_the_calendar_are_no_error(client: httpx.AsyncClient) -> None:
    assert (await ask(client, **{"from": "0001-01-01", "to": "9999-12-31"}))["total"] == 0


async def test_the_reference_describes_it_with_an_example_and_every_parameter(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    names = {parameter["name"] for parameter in paths["/v1/aggregates"]["get"]["parameters"]}
    assert names == {"from", "to", "agency", "topic", "kelurahan", "kecamatan", "channel", "status", "role", "group_by"}
    for path, media_type in (("/v1/aggregates", "application/json"), ("/v1/aggregates.csv", "text/csv")):
        assert paths[path]["get"]["responses"]["200"]["content"][media_type]["example"]
    assert (await client.get("/docs")).status_code == 200
