"""On uvloop, as services run, a lost connection looks to aiokafka as it does on asyncio."""

import asyncio

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from shared.runtime import lost_connection


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


async def request_on_a_lost_connection() -> None:
    """Between the loss and aiokafka's notice of it, another task sends a request."""
    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        connection = AIOKafkaConnection("127.0.0.1", port)
        connection._versions = {MetadataRequest.API_KEY: (0, 5)}
        connection._reader, connection._writer = await asyncio.open_connection("127.0.0.1", port)
        connection._writer.transport.abort()
        await asyncio.sleep(0)  # the loop closes the transport; the task that would notice has not run yet
        connection._read_task = connection._create_reader_task()
        await connection.send(MetadataRequest([]))


def test_a_request_on_a_lost_connection_is_a_connection_error_that_aiokafka_knows() -> None:
    lost_connection.install()
    with pytest.raises(KafkaConnectionError):
        uvloop.run(request_on_a_lost_connection())
