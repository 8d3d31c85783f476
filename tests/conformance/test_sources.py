from __future__ import annotations

import json
import os
import sqlite3
import uuid
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tocsin.sources._standard_input import StandardInput
from tocsin.sources._tail_settings import TailSettings
from tocsin.sources.kafka import Kafka
from tocsin.sources.replay import Replay
from tocsin.sources.sql import Sql
from tocsin.sources.tail import Tail
from tocsin.testing.check import Check
from tocsin.testing.servers import KafkaBroker, Postgres
from tocsin.testing.source_checks import EXPECTED, SourceTrial, reading_list, source_checks

CHECKS = source_checks()


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def rows(start: int, stop: int) -> str:
    return "".join(f"{time // 10**9},{device},{value:g}\n" for device, time, value in reading_list(start, stop))


def objects(start: int, stop: int) -> str:
    found = ({"time": time, "device": device, "v": value} for device, time, value in reading_list(start, stop))
    return "".join(json.dumps(one) + "\n" for one in found)


def table(folder: Path) -> SourceTrial:
    path = folder / "readings.csv"
    path.write_text("time,device,v\n")
    return SourceTrial(
        make=lambda: Tail.parse(str(path), EXPECTED),
        write=lambda start, stop: append(path, rows(start, stop)),
        spoil=lambda: append(path, "1,2,3,4,5\n"),
        ends=False,
        wrong=f"{path}?speed=3",
    )


def json_lines(folder: Path) -> SourceTrial:
    path = folder / "readings.jsonl"
    path.touch()
    return SourceTrial(
        make=lambda: Tail.parse(f"{path}?follow=no", EXPECTED),
        write=lambda start, stop: append(path, objects(start, stop)),
        spoil=lambda: append(path, '{"time": 1\n'),
        ends=True,
        wrong=f"{path}?format=xml",
    )


def standard_input(_folder: Path) -> SourceTrial:
    reading, writing = os.pipe()
    os.write(writing, b"time,device,v\n")
    return SourceTrial(
        make=lambda: StandardInput(TailSettings(), EXPECTED, number=reading),
        write=lambda start, stop: os.write(writing, rows(start, stop).encode()),
        spoil=lambda: os.write(writing, b"1,2,3,4,5\n"),
        ends=False,
        wrong="?speed=3",
    )


def finished(folder: Path) -> SourceTrial:
    path = folder / "readings.csv"
    path.write_text("time,device,v\n")
    return SourceTrial(
        make=lambda: Replay.parse(str(path), EXPECTED),
        write=lambda start, stop: append(path, rows(start, stop)),
        spoil=None,
        ends=True,
        wrong=f"{path}?follow=no",
    )


def sqlite(folder: Path) -> SourceTrial:
    path = folder / "plant.db"
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("CREATE TABLE readings (id INTEGER PRIMARY KEY, time INTEGER, device TEXT, v)")

    def insert(values: list[tuple[object, object, object]]) -> None:
        database.executemany("INSERT INTO readings (device, time, v) VALUES (?, ?, ?)", values)

    return SourceTrial(
        make=lambda: Sql.parse(f"sqlite:///{path}?table=readings&every=20ms", EXPECTED),
        write=lambda start, stop: insert(list(reading_list(start, stop))),
        spoil=lambda: insert([("d0", 1, "hot")]),
        ends=False,
        wrong=f"sqlite:///{path}?table=readings&follow=no",
    )


FILES: dict[str, Callable[[Path], SourceTrial]] = {
    "tail": table,
    "tail-json": json_lines,
    "tail-stdin": standard_input,
    "replay": finished,
    "sql-sqlite": sqlite,
}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
@pytest.mark.parametrize("name", FILES)
def test_source_conforms(name: str, check: Check[SourceTrial], tmp_path: Path) -> None:
    check(FILES[name](tmp_path))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_sql_on_postgresql_conforms(check: Check[SourceTrial], postgres: Postgres) -> None:
    url = postgres.fresh()
    columns = "id bigserial PRIMARY KEY, time timestamptz, device text, v text"
    postgres.run(f"CREATE TABLE readings ({columns})", url=url)

    def insert(values: list[tuple[str, int, float]]) -> None:
        cells = ", ".join(f"(to_timestamp({time // 10**9}), '{device}', '{value}')" for device, time, value in values)
        postgres.run(f"INSERT INTO readings (time, device, v) VALUES {cells}", url=url)

    check(
        SourceTrial(
            make=lambda: Sql.parse(f"{url}?table=readings&every=20ms&behind=50ms", EXPECTED),
            write=lambda start, stop: insert(reading_list(start, stop)),
            spoil=lambda: postgres.run("INSERT INTO readings (device, v) VALUES ('d0', 'hot')", url=url),
            ends=False,
            wrong=f"{url}?table=readings&follow=no",
        )
    )


def topic_of(kafka: KafkaBroker) -> SourceTrial:
    topic = kafka.create(f"t{uuid.uuid4().hex[:8]}", partitions=2)

    def publish(messages: list[tuple[str, bytes]]) -> None:
        from confluent_kafka import Producer

        producer = Producer({"bootstrap.servers": kafka.address, "log_level": 0})
        for key, value in messages:
            producer.produce(topic, value, key=key)
        assert producer.flush(30) == 0

    def write(start: int, stop: int) -> None:
        found = [(device, {"time": time, "v": value}) for device, time, value in reading_list(start, stop)]
        publish([(device, json.dumps(one).encode()) for device, one in found])

    address = f"//{kafka.address}/{topic}?group={topic}&session=6s"
    return SourceTrial(
        make=lambda: Kafka.parse(address, EXPECTED),
        write=write,
        spoil=lambda: publish([("d0", b"{")]),
        ends=False,
        wrong=f"{address}&qos=1",
    )


@pytest.fixture(scope="module")
def kafka_outcomes(kafka: KafkaBroker) -> dict[str, Future[None]]:
    """All checks at once: a broker lets a new group wait some seconds for members, and nobody needs to watch."""
    with ThreadPoolExecutor(len(CHECKS)) as threads:
        return {check.name: threads.submit(check, topic_of(kafka)) for check in CHECKS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_kafka_conforms(check: Check[SourceTrial], kafka_outcomes: dict[str, Future[None]]) -> None:
    kafka_outcomes[check.name].result()
