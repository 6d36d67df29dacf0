"""What the operator may choose about a stack, and what follows from it for each service's environment."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import services
from serap.data_dir import DEFAULT
from serap.ports import HOST, PortPlan
from shared.runtime.bus import librdkafka_security
from shared.runtime.settings import Settings

ROOT = Path(services.__file__).parent.parent
DEFAULT_CITY = ROOT / "cities" / "tangerang"
EMBEDDED_SESSION_TIMEOUT_MS = "3000"
"""Tansu lets whoever joins a group wait, the longer the longer this is: 2 s at the start, 7 s after a member was killed."""


def serve_command(service: str) -> Sequence[str]:
    """How a service is run: with the Python that runs us."""
    return [sys.executable, "-m", "shared.runtime.serve", f"services.{service}.app"]


@dataclass(frozen=True)
class StackOptions:
    """`database_url`: an administrator's DSN, or empty: the embedded PostgreSQL. `kafka_bootstrap_servers`: likewise.

    `environment`: what services get besides, e.g. from `serap demo`.
    """

    data_dir: Path = DEFAULT
    ports: PortPlan = field(default_factory=PortPlan)
    city: Path = DEFAULT_CITY
    database_url: str = field(default_factory=lambda: os.environ.get("DATABASE_URL", ""))
    kafka_bootstrap_servers: str = field(default_factory=lambda: os.environ.get("KAFKA_BOOTSTRAP_SERVERS", ""))
    command: Callable[[str], Sequence[str]] = serve_command
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def bootstrap(self) -> str:
        return self.kafka_bootstrap_servers or f"{HOST}:{self.ports.of('broker')}"

    @property
    def database_address(self) -> str:
        """`host:port`, without the password."""
        return urlsplit(self.database_url).netloc.rpartition("@")[2] or f"{HOST}:{self.ports.of('postgres')}"

    @property
    def kafka_security(self) -> dict[str, str]:
        """librdkafka's SASL settings, from KAFKA_USERNAME and KAFKA_PASSWORD."""
        return librdkafka_security(Settings(database_url=""))

    def service_environment(self, service: str, dsn: str, pin_secret: str) -> dict[str, str]:
        """The environment of one service: the operator's own, and what only the stack knows."""
        embedded = not self.kafka_bootstrap_servers
        return {
            **({"KAFKA_SESSION_TIMEOUT_MS": EMBEDDED_SESSION_TIMEOUT_MS} if embedded else {}),
            **os.environ,
            **({"KAFKA_IDEMPOTENCE": "false"} if embedded else {}),
            "DATABASE_URL": dsn,
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "HOST": HOST,
            "PORT": str(self.ports.of(service)),
            "CITY": str(self.city.absolute()),
            "INTAKE_URL": self.ports.url("intake"),
            "REPORTING_URL": self.ports.url("reporting"),
            **({"PIN_SECRET": pin_secret} if service == "intake" else {}),
            **({} if os.environ.get("SMTP_URL") else {"MAILBOX_PORT": str(self.ports.of("smtp"))}),
            **self.environment,
        }
