"""The parts that production has elsewhere, for one machine without Docker: PostgreSQL and a Kafka-compatible broker.

- `postgres`     PostgreSQL 18 from a wheel; durable, password-protected, on 127.0.0.1 only
- `system_user`  PostgreSQL refuses to run as root: who runs it then, and where its files can be reached
- `broker`       Tansu from a wheel; memory only: its log is gone with every stop, and services fill it again (D4.6)
"""

from serap.embedded.broker import EmbeddedBroker
from serap.embedded.postgres import EmbeddedPostgres

__all__ = ["EmbeddedBroker", "EmbeddedPostgres"]
