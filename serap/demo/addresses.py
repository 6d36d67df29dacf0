"""Where a stack answers, for those who stand outside it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from serap.options import StackOptions
from shared.runtime.bus import aiokafka_security
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Addresses:
    """URLs of the services, `bootstrap` of the broker, `kafka`: what every aiokafka client needs besides."""

    intake: str
    notify: str
    reporting: str
    bootstrap: str
    kafka: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, options: StackOptions) -> "Addresses":
        """Of the stack that runs by these options; SASL from KAFKA_USERNAME and KAFKA_PASSWORD."""
        url = options.ports.url
        security = aiokafka_security(Settings(database_url=""))
        return cls(url("intake"), url("notify"), url("reporting"), options.bootstrap, security)
