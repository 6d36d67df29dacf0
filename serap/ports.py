"""Which part of a stack listens on which port: a block of ports after `--port-base`."""

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from serap.errors import OperatorError, PortTaken

HOST = "127.0.0.1"
DEFAULT_BASE = 8700
SERVICES = ("intake", "routing", "notify", "reporting")
_PARTS = (*SERVICES, "postgres", "broker", "smtp")


@dataclass(frozen=True, slots=True)
class PortPlan:
    """The ports of one stack, in the order of `_PARTS` from `base`. OperatorError where `base` leaves no room for them."""

    base: int = DEFAULT_BASE

    def __post_init__(self) -> None:
        highest = 65535 - len(_PARTS) + 1
        if not 1024 <= self.base <= highest:
            raise OperatorError(f"--port-base {self.base} is out of range", f"Give a number from 1024 to {highest}")

    def of(self, part: str) -> int:
        return self.base + _PARTS.index(part)

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.of(service)}"

    def all(self) -> Mapping[str, int]:
        return {part: self.of(part) for part in _PARTS}


def is_free(port: int) -> bool:
    """Whether we could listen on 127.0.0.1:`port` now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections of the last run that still fade away
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def require_free(port: int, part: str) -> None:
    """PortTaken where somebody listens there already."""
    if not is_free(port):
        raise PortTaken(port, part)
