"""`serap status`, `serap doctor` and `serap dlq` about a running stack, all from another shell."""

import asyncio
import json

from serap.commands.status import report
from serap.databases import known_dsn
from serap.dead_letters import newest
from serap.ports import SERVICES
from tests.integration.up import Up
from tests.services import produce
from tests.waiting import until

UPDATES = "agency.dishub.updates.v1"
DEAD = f"{UPDATES}.routing.dlq"


def test_every_service_tells_its_pid_its_address_its_lag_and_its_database(real: Up) -> None:
    told = json.loads(real.serap("status", "--json").stdout)
    ports, pids = real.options.ports, real.pids()
    assert [service["name"] for service in told["services"]] == list(SERVICES)
    for service in told["services"]:
        name = service["name"]
        assert (service["pid"], service["url"], service["ready"]) == (pids[name], ports.url(name), True)
        assert service["database"] == f"127.0.0.1:{ports.of('postgres')}/serap_{name}"
        assert set(service["outbox"]) == {"rows", "age_seconds"}
        assert service["lag_seconds"] >= 0
    read = {topic.split(" < ")[1] for service in told["services"] for topic in service["lag"]}
    assert {"aspirations.submitted.v1", "aspirations.lifecycle.v1", "citizens.contacts.v1", UPDATES} <= read
    assert told["broker"] == f"127.0.0.1:{ports.of('broker')}"
    assert told["database"] == f"127.0.0.1:{ports.of('postgres')}"


def test_the_doctor_finds_nothing_wrong(real: Up) -> None:
    told = real.serap("doctor", "--json")
    wrong = [finding for finding in json.loads(told.stdout) if finding["wrong"]]
    assert (told.returncode, wrong) == (0, [])


def test_poison_is_seen_in_status_shown_and_driven_again(real: Up) -> None:
    asyncio.run(produce(f"127.0.0.1:{real.options.ports.of('broker')}", UPDATES, b"bukan JSON", key=b"kunci", partition=0))
    until("the dead letter in status", lambda: report(real.data_dir)["dlq"] == {DEAD: 1})
    [letter] = json.loads(real.serap("dlq", "show", DEAD, "--json").stdout)
    assert (letter["reason"], letter["key"], "value" in letter) == ("not_json", "kunci", False)
    assert json.loads(real.serap("dlq", "redrive", DEAD, "--id", str(letter["id"]), "--json").stdout)["redriven"] == 1
    dsn = known_dsn(real.options, "routing")

    def dead() -> list[int]:
        return [one.id for one in asyncio.run(newest(dsn, DEAD, 10))]

    until("the same poison as a new dead letter", lambda: len(dead()) == 1 and dead() != [letter["id"]])
