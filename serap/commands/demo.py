"""`serap demo`: the stack with a simulated town around it."""

import asyncio
import json
import time
from dataclasses import replace
from secrets import token_hex
from typing import Annotated, Any

import typer
from rich.console import Console

from serap.commands.arguments import CITY, DATA, CityPack, Data, Json, PortBase, options
from serap.demo.addresses import Addresses
from serap.demo.api_keys import channel_keys
from serap.demo.journal import Journal
from serap.demo.show import Screen, final_table
from serap.demo.town import Town, living_town
from serap.demo.verdict import Verdict
from serap.errors import OperatorError
from serap.options import StackOptions
from serap.runner import run_stack
from serap.stack import Stack
from shared.city import load_city, load_simulation

OPENING = 40
"""Voices at once when people watch: a map with nothing on it shows nothing."""
PACE_SECONDS = 1.5
BURST = 50
"""Without a person, so many voices are under way together before the next are sent."""

Count = Annotated[int | None, typer.Option("--count", help="So many aspirations, as fast as it goes.", min=1, max=100_000)]
Exit = Annotated[bool, typer.Option("--exit", help="End when all have gone the whole way; needs --count.")]
Seed = Annotated[int, typer.Option("--seed", help="Another number, other voices.")]
Rate = Annotated[float, typer.Option("--rate", help="Aspirations a second while you watch.", min=0.01, max=100)]


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    data: Data = DATA,
    port_base: PortBase = None,
    city: CityPack = CITY,
    count: Count = None,
    exit_: Exit = False,
    seed: Seed = 1,
    rate: Rate = 1.0,
    as_json: Json = False,
) -> None:
    """The whole system on this machine, with simulated citizens, channels and agencies.

    Everything simulated stands outside and speaks real protocols: HTTP with API keys, HTML forms, Kafka. An auditor reads
    the public topics and the aggregates, and says whether every aspiration went the whole way, once.

    Examples:

      serap demo                              watch it in the browser until Ctrl-C

      serap demo --count 500 --exit           without a person: a table at the end

      serap demo --count 500 --exit --json    the same for programs: one JSON object on the last line

    Exit status: 0; with --count 1 where an aspiration did not go the whole way, or went twice.
    """
    if exit_ and count is None:
        raise typer.BadParameter("--exit needs --count N", param_hint="--exit")
    stack = replace(options(data, port_base, city), environment={"DEMO": "true"})
    show = Demo(stack, count=count, ends=exit_, seed=seed, rate=rate, as_json=as_json)
    raise typer.Exit(run_stack(stack, show.run, show.screen.say))


class Demo:
    """One run of `serap demo`."""

    def __init__(self, stack: StackOptions, *, count: int | None, ends: bool, seed: int, rate: float, as_json: bool) -> None:
        self._count, self._ends, self._seed, self._rate, self._as_json = count, ends, seed, rate, as_json
        self._journal = Journal()
        self.screen = Screen(Addresses.of(stack), self._journal)

    async def run(self, stack: Stack) -> int:
        """On the running stack. Returns the exit status."""
        missing = await stack.until_ready()
        if missing:
            raise OperatorError(f"not ready: {missing}", f"The logs are in {stack.data_dir}")
        city = load_city(stack.options.city)
        simulation = load_simulation(stack.options.city, city)
        async with (
            channel_keys(stack.dsns["intake"], city) as keys,
            living_town(
                self.screen.addresses, city, simulation, keys, self._journal,
                run=f"demo-{token_hex(4)}", seed=self._seed, pace=0 if self._count else PACE_SECONDS,
            ) as town,
        ):  # fmt: skip
            return await (self._run_count(town, self._count) if self._count else self._run_gently(town))

    async def _run_count(self, town: Town, count: int) -> int:
        started = time.monotonic()
        with self.screen.showing():
            for begun in range(0, count, BURST):
                await town.speak(min(BURST, count - begun))
                self.screen.show(await town.verdict())
            verdict = await town.settled(self.screen.show)
        self._report(verdict, round(time.monotonic() - started, 1))
        if not self._ends:
            self.screen.where()
            self.screen.say("All of it stays up until Ctrl-C.")
            await asyncio.Event().wait()
        return 0 if verdict.good else 1

    async def _run_gently(self, town: Town) -> int:
        with self.screen.showing():
            await town.speak(OPENING)
            self.screen.where()
            while True:
                self.screen.show(await town.verdict())
                await asyncio.sleep(1 / self._rate)
                await town.speak(1)

    def _report(self, verdict: Verdict, seconds: float) -> None:
        numbers: dict[str, Any] = {**verdict.table(), "seconds": seconds}
        for fault in verdict.faults:
            self.screen.say(f"fault: {fault}")
        if self._as_json:
            typer.echo(json.dumps(numbers))
        else:
            Console().print(final_table(numbers))
