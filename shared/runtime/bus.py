"""The service's connection to Kafka: one producer for the outbox, one consumer per subscription, the lag of each.

Nothing here must keep a service from starting: intake answers 202 while Kafka is away. Connecting is a background task
that tries until it succeeds.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from confluent_kafka import KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient
from faststream import AckPolicy
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.security import BaseSecurity, SASLScram512

from shared.contracts.envelope import Record
from shared.contracts.topics import MAX_DEAD_LETTER_BYTES
from shared.runtime import lost_connection, metrics
from shared.runtime.consumer import MAX_RECORDS, BatchConsumer, Raw
from shared.runtime.lag import Backlog
from shared.runtime.logs import describe
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
LAG_SECONDS = 2.0
FLUSH_SECONDS = 2.0
REQUEST_TIMEOUT_MS = 15_000


async def _keep_raw(records: tuple[Raw, ...], original: Any) -> KafkaAckableMessage:
    """FastStream's own parser decodes every header and loses the whole batch on a bad one; ours cannot raise."""
    first = records[0]
    return KafkaAckableMessage(
        body=records,
        raw_message=records,
        headers={},
        batch_headers=[],
        path={},
        reply_to="",
        content_type=None,
        correlation_id="",
        message_id=f"{first.topic}/{first.partition}/{first.offset}",
        consumer=original.__self__._consumer,  # the parser instance that we replace holds it; there is no public way
    )


async def _keep_body(message: KafkaAckableMessage) -> Any:
    return message.body


class Bus:
    """Opens in the background, closes in order: consumers first, then the producer."""

    def __init__(self, settings: Settings, client_id: str) -> None:
        lost_connection.install()
        self._settings, self._client_id = settings, client_id
        self._broker = KafkaBroker(
            settings.kafka_bootstrap_servers,
            client_id=client_id,
            security=security(settings),
            consumer_only=True,
            allow_auto_create_topics=False,
            metadata_max_age_ms=30_000,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            graceful_timeout=10.0,
            apply_types=False,
            logger=None,
        )
        self._consumers: list[tuple[BatchConsumer[Any], Any]] = []
        self._producer: AIOKafkaProducer | None = None
        self._admin: AdminClient | None = None
        self._task: asyncio.Task[None] | None = None
        self._backlogs: defaultdict[tuple[str, TopicPartition], Backlog] = defaultdict(Backlog)
        self._done_until: dict[tuple[str, str], float] = {}
        self.started = False

    def subscribe(self, consumer: BatchConsumer[Any]) -> None:
        """Must be called before `open`."""
        subscription = consumer.subscription
        subscriber = self._broker.subscriber(
            *(topic.name for topic in subscription.topics),
            group_id=subscription.consumer_group,
            batch=True,
            max_records=MAX_RECORDS,
            batch_timeout_ms=50,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            session_timeout_ms=self._settings.kafka_session_timeout_ms,
            heartbeat_interval_ms=self._settings.kafka_session_timeout_ms // 4,
            parser=_keep_raw,
            decoder=_keep_body,
        )

        async def consume(records: tuple[Raw, ...]) -> None:
            await consumer.consume(records, subscriber.consumer)

        subscriber(consume)
        self._consumers.append((consumer, subscriber))

    async def open(self) -> None:
        """Returns at once; `started` turns true when the broker has been reached."""
        self._task = asyncio.create_task(self._run(), name="bus")

    async def close(self) -> None:
        """Waits for the batches in work, then a moment for what the producer still holds."""
        for consumer, _ in self._consumers:
            consumer.stopping.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._broker.stop()
        if self._producer is not None:
            await self._stop(self._producer)

    async def _stop(self, producer: AIOKafkaProducer) -> None:
        """While the broker is away a producer would flush until the requests time out, an idempotent one for ever. What is
        not acknowledged is unsent in the outbox."""
        try:
            async with asyncio.timeout(FLUSH_SECONDS):
                await producer.stop()
        except TimeoutError:
            await producer._sender.close()
            await producer.client.close()

    async def send(self, record: Record) -> "asyncio.Future[object]":
        """Hands a record to the producer. KafkaError where it is not connected."""
        if self._producer is None:
            raise KafkaError("not connected")
        headers = [(name, value.encode()) for name, value in record.headers.items()]
        return await self._producer.send(record.topic, record.value, record.key, headers=headers)  # type: ignore[no-any-return]

    async def topic_ids(self, names: Sequence[str]) -> Mapping[str, str]:
        """The broker's id of each of `names` that exists. KafkaError where the broker does not answer."""
        if self._admin is None:
            self._admin = AdminClient(
                {"bootstrap.servers": self._settings.kafka_bootstrap_servers, **librdkafka_security(self._settings)},
                logger=logging.getLogger("librdkafka"),
            )
        futures = self._admin.describe_topics(TopicCollection(list(names)), request_timeout=5)
        ids: dict[str, str] = {}
        for name, future in futures.items():
            try:
                ids[name] = str((await asyncio.wrap_future(future)).topic_id)
            except KafkaException as error:
                if error.args[0].name() != "UNKNOWN_TOPIC_OR_PART":
                    raise KafkaError(error.args[0].name()) from error
        return ids

    async def check(self) -> None:
        """Raises where the broker is away, or has not been reached since the start."""
        if not self.started or self._producer is None:
            raise KafkaError("not connected yet")
        # What the client remembers of the brokers outlives them; only the answer to a new question tells.
        if not await asyncio.wait_for(self._producer.client.force_metadata_update(), 2):
            raise KafkaError("no broker answers")

    def died(self) -> list[str]:
        """What has ended though the service lives: our own task, or the loop of a subscription, which FastStream's own
        health check does not see."""
        ours = ["bus"] if self._task is not None and self._task.done() else []
        return ours + [
            ", ".join(consumer.subscription.group + " < " + topic.name for topic in consumer.subscription.topics[:1])
            for consumer, subscriber in self._consumers
            if self.started and not (subscriber.running and any(not task.done() for task in subscriber.tasks))
        ]

    def done_until(self, topic: str, group: str) -> float | None:
        """Unix time up to which all that the topic held is done, as last measured; None: not measured since the start."""
        return self._done_until.get((topic, group))

    async def _run(self) -> None:
        while not self.started:
            try:
                await self._connect()
                self.started = True
            except (KafkaError, OSError) as error:
                log.warning("broker is away; trying again", extra=describe(error))
                await asyncio.sleep(RETRY_SECONDS)
        while True:
            for consumer, subscriber in self._consumers:
                await self._measure(consumer, subscriber)
            await asyncio.sleep(LAG_SECONDS)

    async def _connect(self) -> None:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self._settings.kafka_bootstrap_servers,
                client_id=self._client_id,
                acks="all",
                enable_idempotence=self._settings.kafka_idempotence,
                max_request_size=MAX_DEAD_LETTER_BYTES,
                metadata_max_age_ms=30_000,
                request_timeout_ms=REQUEST_TIMEOUT_MS,
                **aiokafka_security(self._settings),
            )
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        try:
            await self._broker.connect()
            # All at once: the embedded broker keeps whoever joins a group waiting for half a session timeout.
            started = await asyncio.gather(*(subscriber.start() for _, subscriber in self._consumers), return_exceptions=True)
            if errors := [error for error in started if isinstance(error, BaseException)]:
                raise errors[0]
        except BaseException:
            await self._broker.stop()
            raise

    async def _measure(self, consumer: BatchConsumer[Any], subscriber: Any) -> None:
        """End offset minus committed offset, asked of the broker: true also while our own loop is stuck."""
        client, group, now = subscriber.consumer, consumer.subscription.group, time.time()
        if client is None:
            return
        partitions: set[TopicPartition] = set(client.assignment())
        lag = {topic.name: 0 for topic in consumer.subscription.topics}
        since = dict.fromkeys(lag, now)
        try:
            ends = await client.end_offsets(partitions) if partitions else {}
            for partition in partitions:
                # The embedded broker's end offsets run low; the last fetch knows better.
                end = max(ends[partition], client.highwater(partition) or 0)
                done = await client.committed(partition) or 0
                waiting = self._backlogs[group, partition].waiting_since(end, done, now)
                lag[partition.topic] += max(0, end - done)
                since[partition.topic] = min(since[partition.topic], waiting or now)
        except (KafkaError, OSError, AssertionError) as error:
            # The broker is away or takes the partitions back: /readyz says so, and the gauges keep their last value.
            log.debug("lag not measured", extra=describe(error))
            return
        for topic, records in lag.items():
            oldest = min(since[topic], consumer.oldest_in_work or now) if records else now
            self._done_until[topic, group] = oldest
            metrics.LAG_RECORDS.labels(topic, group).set(records)
            metrics.LAG_SECONDS.labels(topic, group).set(now - oldest)


def security(settings: Settings) -> BaseSecurity | None:
    """FastStream's form of the SASL settings."""
    if not settings.kafka_username:
        return None
    return SASLScram512(username=settings.kafka_username, password=settings.kafka_password)


def aiokafka_security(settings: Settings) -> dict[str, Any]:
    """aiokafka's form of the SASL settings."""
    if not settings.kafka_username:
        return {}
    return {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.kafka_username,
        "sasl_plain_password": settings.kafka_password,
    }


def librdkafka_security(settings: Settings) -> dict[str, Any]:
    """confluent-kafka's form of the SASL settings."""
    if not settings.kafka_username:
        return {}
    return {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": settings.kafka_username,
        "sasl.password": settings.kafka_password,
    }
