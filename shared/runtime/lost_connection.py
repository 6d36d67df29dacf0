"""aiokafka 0.14 on uvloop: a request on a connection that has just been lost must fail as a lost connection.

uvloop raises RuntimeError when a closed transport is written to. aiokafka expects OSError there: the RuntimeError ends its
background task for metadata (or the producer's sender) without a word, and the consumer waits for it for ever, deaf and
impossible to stop. Measured: one of some ten broker crashes left a service like that.
"""

from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send: Any = AIOKafkaConnection.send


def _send_or_lose(self: AIOKafkaConnection, request: Any, expect_response: bool = True) -> Any:
    try:
        return _send(self, request, expect_response)
    except RuntimeError as error:
        self.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"the connection to {self.host}:{self.port} is lost") from error


def install() -> None:
    """For every connection of this process; installing it again changes nothing."""
    AIOKafkaConnection.send = _send_or_lose  # type: ignore[method-assign]  # that is the point
