"""Ends what a supervisor left behind that was killed before it could stop its children."""

import psutil

from serap.ports import SERVICES
from serap.state import Running, State

GRACE_SECONDS = 5.0


def find(state: State) -> list[Running]:
    """Those recorded processes that still run. A pid that was given to a stranger meanwhile is not among them."""
    return [running for running in state.processes.values() if _is_ours(running)]


def _is_ours(running: Running) -> bool:
    process = running.identity.find()
    try:
        return process is not None and tuple(process.cmdline()) == running.command
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def end(orphans: list[Running]) -> None:
    """Services before broker and database, the services together. After GRACE_SECONDS each is killed: nothing is lost by that."""
    services = [running for running in orphans if running.name in SERVICES]
    for group in (services, *([running] for running in reversed(orphans) if running not in services)):
        _end_together(group)


def _end_together(group: list[Running]) -> None:
    alive = []
    for running in group:
        if process := running.identity.find():
            process.send_signal(running.stop_signal)
            alive.append(process)
    _, stubborn = psutil.wait_procs(alive, timeout=GRACE_SECONDS)
    for process in stubborn:
        process.kill()
    psutil.wait_procs(stubborn, timeout=GRACE_SECONDS)
