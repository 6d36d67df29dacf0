"""A whole stack on this machine: PostgreSQL, broker, topics, migrations, the four services."""

import asyncio
import signal

import httpx

from serap import orphans, secret_store, state, topics
from serap.data_dir import prepare
from serap.databases import ensure_databases, service_dsn
from serap.embedded import EmbeddedBroker, EmbeddedPostgres
from serap.embedded.postgres import FAST_SHUTDOWN, STOP_SECONDS
from serap.errors import OperatorError
from serap.options import ROOT, StackOptions
from serap.ports import SERVICES, require_free
from serap.processes import Child, own_identity
from serap.supervisor import Program, Say, Supervisor
from shared.city import City, CityError, load_city
from shared.contracts.topics import Topic, catalogue
from shared.runtime.postgres import migrate

LOOK_SECONDS = 0.1


class Stack:
    """A running stack. `dsns`, `options.bootstrap` and `options.ports` say where everything is."""

    def __init__(self, options: StackOptions, say: Say, hurry: asyncio.Event) -> None:
        self.options, self._say = options, say
        self.data_dir = prepare(options.data_dir)
        self.topics = city_topics(options)
        self.secrets = secret_store.load_or_make(self.data_dir)
        self._postgres = EmbeddedPostgres(self.data_dir, options.ports.of("postgres"), self.secrets.postgres)
        self._broker = EmbeddedBroker(self.data_dir, options.ports.of("broker"))
        self._state = state.State(own_identity(), options.ports.base, options.bootstrap, options.database_address)
        self.supervisor = Supervisor(say, self._record, hurry)

    @property
    def admin_dsn(self) -> str:
        return self.options.database_url or self._postgres.dsn()

    @property
    def dsns(self) -> dict[str, str]:
        """DSN by service."""
        return {service: service_dsn(self.admin_dsn, service, word) for service, word in self.secrets.databases.items()}

    async def start(self) -> None:
        """Until every service's process runs. OperatorError, e.g. where a port is taken."""
        self._end_orphans()
        for service in SERVICES:
            require_free(self.options.ports.of(service), service)
        await self._start_database()
        await self._start_broker()
        await self.supervisor.start(*(self._service(name) for name in SERVICES))

    async def until_ready(self, seconds: float = 60.0) -> dict[str, str]:
        """Waits until all services answer `/readyz` with 200. Returns what is still missing then, by service; empty: nothing."""
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            waiting = {service: asyncio.create_task(self._ready(client, service)) for service in SERVICES}
            await asyncio.wait(waiting.values(), timeout=seconds)
            missing = {}
            for service, task in waiting.items():
                if not task.done():
                    task.cancel()
                    missing[service] = await _why_not_ready(client, self.options.ports.url(service))
        return missing

    async def _ready(self, client: httpx.AsyncClient, service: str) -> None:
        url = self.options.ports.url(service)
        missing = "not asked yet"
        while missing:
            await asyncio.sleep(LOOK_SECONDS)
            missing = await _why_not_ready(client, url)
        self._say(f"{service} is ready at {url}")

    def _end_orphans(self) -> None:
        before = state.load(self.data_dir)
        left = orphans.find(before) if before else []
        if left:
            names = ", ".join(running.name for running in left)
            self._say(f"the last run was killed and left processes behind; ending them: {names}")
            orphans.end(left)
        self._record([])

    async def _start_database(self) -> None:
        if self.options.database_url:
            await self._prepare_databases()
            return

        async def settle() -> None:
            await asyncio.to_thread(self._postgres.wait_until_ready)
            await self._prepare_databases()

        address = self.options.database_address
        await self.supervisor.start(Program("postgres", address, self._postgres.spawn, settle, FAST_SHUTDOWN, STOP_SECONDS))
        self._say(f"PostgreSQL is ready at {address}")

    async def _prepare_databases(self) -> None:
        try:
            dsns = await ensure_databases(self.admin_dsn, self.secrets.databases)
            for service, dsn in dsns.items():
                for name in await migrate(dsn, ROOT / "services" / service / "migrations"):
                    self._say(f"{service}: migration {name}")
        except OSError as error:
            raise OperatorError(
                f"the database at {self.options.database_address} cannot be reached: {error}", "Try: serap doctor"
            ) from error

    async def _start_broker(self) -> None:
        if self.options.kafka_bootstrap_servers:
            await self._apply_topics()
            return

        def spawn() -> Child:
            """Tansu acknowledges records for topics that it does not have, and loses them when the topic is made. Nobody of
            ours may send before: what a producer had in its hands when the old broker died is sent as soon as one answers."""
            self.supervisor.send(SERVICES, signal.SIGSTOP)
            try:
                return self._broker.spawn()
            except Exception:
                self.supervisor.send(SERVICES, signal.SIGCONT)
                raise

        async def settle() -> None:
            try:
                await asyncio.to_thread(self._broker.wait_until_ready)
                await self._apply_topics()
            finally:
                self.supervisor.send(SERVICES, signal.SIGCONT)

        await self.supervisor.start(Program("broker", self.options.bootstrap, spawn, settle, patience=1.0))
        self._say(f"the broker is ready at {self.options.bootstrap}")

    async def _apply_topics(self) -> None:
        done = await asyncio.to_thread(topics.apply, self.options.bootstrap, self.topics, self.options.kafka_security)
        if done.created:
            self._say(f"{len(done.created)} topics created")
        for name, differences in done.differing.items():
            self._say(f"topic {name} differs from what is declared: {'; '.join(differences)}")

    def _service(self, name: str) -> Program:
        environment = self.options.service_environment(name, self.dsns[name], self.secrets.pin)

        def spawn() -> Child:
            return Child(self.options.command(name), log=self.data_dir / f"{name}.log", environment=environment)

        async def settle() -> None:
            """Services find each other when they are ready; nobody waits for one here."""

        return Program(name, self.options.ports.url(name), spawn, settle)

    def _record(self, running: list[state.Running]) -> None:
        self._state.processes = {one.name: one for one in running}
        self._state.save(self.data_dir)


def city_of(options: StackOptions) -> City:
    """The city pack. OperatorError where it cannot be used."""
    try:
        return load_city(options.city)
    except (CityError, OSError) as error:
        raise OperatorError(
            f"the city pack {options.city} cannot be used: {error}", "Mend it, or give another: --city DIR"
        ) from error


def city_topics(options: StackOptions) -> list[Topic]:
    """Every topic that the city needs. OperatorError as above."""
    city = city_of(options)
    return catalogue(city.kafka_channels, city.agencies)


async def _why_not_ready(client: httpx.AsyncClient, url: str) -> str:
    """Empty when the service is ready."""
    try:
        answer = await client.get(f"{url}/readyz")
    except httpx.HTTPError as error:
        return f"does not answer ({type(error).__name__})"
    return "" if answer.status_code == 200 else answer.text
