"""Kafka over TLS: a proxy stands before the broker, which speaks no TLS itself."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from confluent_kafka import Producer

from tocsin.core.errors import InputError
from tocsin.core.live import Expected
from tocsin.sources.kafka import Kafka
from tocsin.testing.servers import HOST, KafkaBroker, MissingServerError, free_port
from tocsin.testing.source_checks import Book

EXPECT = Expected(channels=("v",), time=("time",))


class Shielded(KafkaBroker):
    """A broker that sends its clients to the proxy."""

    def __init__(self, front: int) -> None:
        super().__init__()
        self.front = front

    def command(self) -> Sequence[str]:
        command = list(super().command())
        command[command.index("--advertised-listener-url") + 1] = f"tcp://localhost:{self.front}"
        return command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of an authority of our own."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    found = tmp_path_factory.mktemp("tls")
    (found / "names").write_text("subjectAltName=DNS:localhost")
    for command in (
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 2 -subj /CN=plant",
        "req -newkey rsa:2048 -nodes -keyout broker.key -out broker.csr -subj /CN=localhost",
        "x509 -req -in broker.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out broker.pem -days 2 -extfile names",
    ):
        subprocess.run(["openssl", *command.split()], cwd=found, check=True, capture_output=True)
    return found


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    front, loop = free_port(), asyncio.new_event_loop()
    try:
        broker = Shielded(front)
    except MissingServerError as missing:
        pytest.skip(str(missing))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "broker.pem", folder / "broker.key")

    async def copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await source.read(65_536):
                sink.write(block)
                await sink.drain()
        sink.close()

    async def serve(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        behind, ahead = await asyncio.open_connection(HOST, broker.port)
        await asyncio.gather(copy(source, ahead), copy(behind, sink), return_exceptions=True)

    server = loop.run_until_complete(asyncio.start_server(serve, HOST, front, ssl=context))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with broker:
        yield f"localhost:{front}"

    async def end() -> None:
        server.close()
        rest = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    asyncio.run_coroutine_threadsafe(end(), loop).result(30)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_readings_come_over_tls(address: str, folder: Path) -> None:
    own = {"bootstrap.servers": address, "security.protocol": "SSL", "ssl.ca.location": f"{folder}/ca.pem"}
    producer = Producer(own)
    producer.produce("readings", b'{"time": 1767225600, "v": 2}', key="p1")
    assert producer.flush(30) == 0
    source = Kafka.parse(f"//{address}/readings?security=tls&ca={folder}/ca.pem&session=6s", EXPECT)
    source.open(Book())
    end = time.monotonic() + 60
    while not len((batch := source.poll(10, 0.1)).arrivals):
        assert time.monotonic() < end
    assert batch.arrivals.values.tolist() == [[2]]
    source.close()


def test_a_broker_whom_nobody_vouches_for_is_refused(address: str) -> None:
    source = Kafka.parse(f"//{address}/readings?security=tls&patience=2s", EXPECT)
    with pytest.raises(InputError, match="certificate"):
        source.open(Book())
    source.close()


def test_a_ca_file_that_is_not_there_is_said(address: str) -> None:
    source = Kafka.parse(f"//{address}/readings?security=tls&ca=/nothing.pem", EXPECT)
    with pytest.raises(InputError, match="refuses its settings"):
        source.open(Book())
    source.close()
