"""What a full batch costs."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from shared.contracts.events import Spot
from shared.contracts.vocabulary import ReplyKind, UpdateKind
from tests.integration.routing.world import Desk, reply, submission, update

BATCH = 1000
LONG = "Aspal jalan di depan sekolah berlubang, sering menyebabkan pengendara jatuh, mohon segera ditambal. " * 3


async def test_a_thousand_records_take_well_under_a_second_of_cpu(
    desk: Desk, record_property: Callable[[str, object], None]
) -> None:
    voices = [submission(LONG, place=Spot(lat=-6.172884, lng=106.631851)) for _ in range(BATCH)]
    ids = [voice.data.aspiration_id for voice in voices]
    batches: list[tuple[str, Callable[[Any], Awaitable[None]], list[Any]]] = [
        ("submitted", desk.on.on_submitted, voices),
        ("updated", desk.on.on_updated, [update(UpdateKind.PROGRESS, aspiration, text=LONG) for aspiration in ids]),
        ("replied", desk.on.on_replied, [reply(ReplyKind.ANSWER, aspiration, text=LONG) for aspiration in ids]),
        ("submitted again", desk.on.on_submitted, voices),
    ]
    for name, handle, events in batches:
        began, cpu = time.perf_counter(), time.process_time()
        await handle(events)
        spent, passed = time.process_time() - cpu, time.perf_counter() - began
        print(f"{name}: {spent:.3f} s of CPU, {passed:.3f} s in all")  # pytest -rP shows it
        assert spent < 1
