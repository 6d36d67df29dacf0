"""What the terminal shows of a demo: the numbers as they move, and where to look."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from serap.demo.addresses import Addresses
from serap.demo.journal import Journal
from serap.demo.verdict import Verdict

LINE_SECONDS = 1.0
MEANINGS = {
    "accepted": "have a tracking code",
    "assigned": "have an agency",
    "triaged": "wait for a triage officer",
    "answered": "the agency has said something",
    "notified": "citizens were told of every step",
    "aggregated": "are counted on the map page",
}
JUDGED = {
    "lost": "did not go the whole way",
    "doubled": "went twice",
    "seconds": "from the first to the last",
}
"""What is known only at the end."""


def final_table(numbers: dict[str, float]) -> Table:
    """The result of `serap demo --exit`: one below the other, so that it fits a terminal of 80 columns and any log."""
    table = Table(show_header=False)
    for name, meaning in (MEANINGS | JUDGED).items():
        table.add_row(name, Text(f"{numbers[name]:g}", justify="right"), meaning)
    return table


@dataclass
class Screen:
    """On a terminal a table that moves, elsewhere at most a line a second."""

    addresses: Addresses
    journal: Journal
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    _live: Live | None = None
    _said: tuple[str, float] = ("", 0.0)

    def say(self, line: str) -> None:
        """One line, above the table where there is one."""
        self.console.print(Text(f"{time.strftime('%H:%M:%S')} {line}"), soft_wrap=True)

    @contextmanager
    def showing(self) -> Iterator[None]:
        """While the block runs, `show` shows."""
        if not self.console.is_terminal:
            yield
            return
        try:
            with Live(console=self.console, refresh_per_second=4) as self._live:
                yield
        finally:
            self._live = None

    def show(self, verdict: Verdict) -> None:
        """How it stands."""
        if self._live is not None:
            self._live.update(Group(self._numbers(verdict), self._where()))
            return
        line = "  ".join(f"{name} {value}" for name, value in verdict.table().items() if name in MEANINGS)
        said, said_at = self._said
        if line != said and time.monotonic() - said_at >= LINE_SECONDS:
            self.say(line)
            self._said = line, time.monotonic()

    def where(self) -> None:
        """Prints where to look, once; a moving table says it all the time."""
        if self._live is None:
            self.console.print(self._where())

    def _numbers(self, verdict: Verdict) -> Table:
        table = Table(show_header=False, box=None, padding=(0, 2))
        numbers = verdict.table()
        for name, meaning in MEANINGS.items():
            table.add_row(Text(f"{numbers[name]}", justify="right", style="bold"), name, Text(meaning, style="dim"))
        return table

    def _where(self) -> Table:
        table = Table(show_header=False, box=None, padding=(0, 2))
        table.add_row("say something yourself", f"{self.addresses.intake}/")
        table.add_row("results on the map", f"{self.addresses.reporting}/")
        table.add_row("what citizens are told", f"{self.addresses.notify}/mailbox")
        if accepted := self.journal.accepted():
            _, example = accepted[0]
            table.add_row("follow one of them", f"{self.addresses.intake}/t/{example.tracking_code}")
            table.add_row("with its PIN", example.pin)
        return table
