"""New aspirations: an agency or the triage queue, once each."""

import json

from prometheus_client import REGISTRY

from shared.contracts.events import Spot
from shared.contracts.topics import LIFECYCLE, assignments
from shared.contracts.vocabulary import AspirationType, Role
from tests.integration.routing.world import GEMBOR, ROAD, Desk, submission


async def test_a_clear_matter_is_received_then_assigned_and_its_agency_reads_what_the_citizen_said(desk: Desk) -> None:
    voice = submission(
        title="Jalan rusak",
        type=AspirationType.COMPLAINT,
        role=Role.RW_RT_HEAD,
        place=Spot(kelurahan=GEMBOR, rw="4", words="depan pasar"),
        photos=["foto-1", "foto-2"],
        anonymous=True,
        confidential=True,
    )
    await desk.on.on_submitted([voice])
    assert await desk.facts(voice.data.aspiration_id) == ["received", "assigned"]
    (told,) = await desk.told(assignments("DPUPR"))
    assert told.headers["ce_type"] == "serap.assignment.assigned.v1"
    assert told.headers["ce_correlationid"] == str(voice.correlation_id)
    assert told.headers["ce_causationid"] == str(voice.id)
    known = told.data
    assert (known["ver"], known["kind"], known["agency"], known["topic"]) == (2, "assigned", "DPUPR", "jalan_rusak")
    assert (known["title"], known["text"], known["photos"]) == ("Jalan rusak", ROAD, ["foto-1", "foto-2"])
    assert known["place"] == {"kelurahan": GEMBOR, "kecamatan": GEMBOR[:8], "rw": "4", "words": "depan pasar"}
    assert (known["type"], known["role"], known["anonymous"], known["confidential"]) == ("pengaduan", "rw_rt_head", True, True)
    assert known["due_answer_at"] < known["due_resolve_at"]


async def test_what_the_machine_does_not_know_waits_in_triage_and_no_agency_hears_of_it(desk: Desk) -> None:
    aspiration = await desk.assigned("Selamat pagi.")
    assert await desk.facts(aspiration) == ["received", "triaged"]
    assert {told.topic for told in await desk.told()} == {LIFECYCLE.name}


async def test_every_decision_says_why_it_was_made_by_what_and_how_sure(desk: Desk) -> None:
    await desk.assigned()
    row = await desk.database.pool.fetchrow("SELECT * FROM decisions")
    assert row is not None
    assert (row["ver"], row["topic"], row["agency"], row["model"], row["threshold"]) == (2, "jalan_rusak", "DPUPR", "words", 0.5)
    assert "aspal" in json.loads(row["reason"])
    assert json.loads(row["alternatives"])[0] == ["jalan_rusak", "DPUPR", row["confidence"]]
    assert len(row["model_version"]) == 12


async def test_the_title_counts_like_the_text(desk: Desk) -> None:
    aspiration = await desk.assigned("Mohon segera ditangani.", title="Jalan berlubang dan aspal rusak")
    assert await desk.facts(aspiration) == ["received", "assigned"]


async def test_a_submission_that_comes_again_changes_and_publishes_nothing(desk: Desk) -> None:
    voices = [submission() for _ in range(5)]
    await desk.on.on_submitted([*voices, *voices])
    before = await desk.everything()
    assert len(before["cases"]) == 5
    await desk.on.on_submitted(voices[::-1])
    await desk.on.on_submitted([*voices[2:], voices[0], voices[0]])
    assert await desk.everything() == before


async def test_decisions_and_the_time_to_the_agency_are_measured_once_and_only_for_new_work(desk: Desk) -> None:
    def measured() -> list[float | None]:
        decided = [REGISTRY.get_sample_value("serap_routing_decisions_total", {"outcome": o}) for o in ("assigned", "triaged")]
        return [*decided, REGISTRY.get_sample_value("serap_end_to_end_seconds_count", {"stage": "assigned"})]

    await desk.assigned()
    await desk.assigned("Selamat pagi.")
    before = measured()
    voices = [submission(), submission(), submission("Selamat pagi.")]
    for _ in range(2):
        await desk.on.on_submitted(voices)
    assert [now - (then or 0) for now, then in zip(measured(), before, strict=True) if now] == [2, 1, 2]
