from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tocsin.core.errors import InputError, SettingError
from tocsin.core.live import Batch, Expected, Position
from tocsin.sources._kafka_contact import Contact, quiet_for
from tocsin.sources._kafka_group import offset_in
from tocsin.sources._kafka_hand import Hand
from tocsin.sources.kafka import Kafka
from tocsin.testing.servers import KafkaBroker, free_port
from tocsin.testing.source_checks import Book

EXPECT = Expected(channels=("v",), time=("time",))
PATIENCE_S = 60.0


def until(done: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < end, f"not within {PATIENCE_S:g} s: {what}"


def publish(address: str, topic: str, values: range, *, keys: int = 8, partition: int = -1, fill: int = 0) -> None:
    producer = Producer({"bootstrap.servers": address, "log_level": 0})
    for k in values:
        reading = json.dumps({"time": 1_767_225_600 + k, "v": k, "fill": "x" * fill})
        producer.produce(topic, reading, key=f"d{k % keys}", partition=partition)
        producer.poll(0)
    assert producer.flush(30) == 0


def fresh(kafka: KafkaBroker, *, partitions: int = 1) -> str:
    return kafka.create(f"t{uuid.uuid4().hex[:8]}", partitions=partitions)


def source_of(address: str, topic: str, *, more: str = "") -> Kafka:
    return Kafka.parse(f"//{address}/{topic}?group={topic}&session=6s{more}", EXPECT)


def take(source: Kafka, count: int) -> list[Batch]:
    found: list[Batch] = []

    def all_there() -> bool:
        batch = source.poll(1000, 0.1)
        found.extend([batch] if len(batch.arrivals) or batch.dead else [])
        return sum(len(batch.arrivals) for batch in found) >= count

    until(all_there, f"{count} readings")
    return found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("//localhost", "topic"),
        ("localhost/readings", "no address"),
        ("//localhost/r?session=1s", "session"),
        ("//localhost/r?security=sasl", "needs a user"),
        ("//anna:secret@localhost/r", "takes no user"),
        ("//localhost/r?ca=ca.pem", "encrypted"),
        ("//localhost/r?security=tls&cert=me.pem", "belong together"),
        ("//localhost/r?payload=xml", "payloads"),
        ("//localhost/r?start=middle", "start"),
    ],
)
def test_settings_that_cannot_work_are_refused(text: str, said: str) -> None:
    with pytest.raises(SettingError, match=said) as caught:
        Kafka.parse(text, EXPECT)
    assert "secret" not in str(caught.value)


def test_nobody_there_is_said_within_the_patience() -> None:
    source = Kafka.parse(f"//127.0.0.1:{free_port()}/r?patience=1s", EXPECT)
    with pytest.raises(InputError, match=r"No Kafka broker answers.*refused"):
        source.open(Book())
    source.close()


class Guarded(KafkaBroker):
    """A broker that wants a login, and knows nobody."""

    def command(self) -> Sequence[str]:
        return [*super().command(), "--authentication"]


def test_a_login_that_is_refused_is_said(kafka: KafkaBroker) -> None:
    assert kafka.running
    with Guarded() as broker:
        login = f"anna:secret@{broker.address}/readings?security=sasl&mechanism=SCRAM-SHA-256&patience=1s"
        source = Kafka.parse(f"//{login}", EXPECT)
        with pytest.raises(InputError, match="authentication failed") as told:
            source.open(Book())
        source.close()
    assert "secret" not in str(told.value)


def test_a_missing_library_is_named_with_its_extra() -> None:
    script = (
        "import sys; sys.modules['confluent_kafka'] = None\n"
        "from tocsin.core.live import Expected\nfrom tocsin.sources.kafka import Kafka\n"
        "Kafka.parse('//localhost/readings', Expected()).open(None)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert 'pip install "tocsin[stream]"' in done.stderr


def test_what_a_life_of_a_group_brings(kafka: KafkaBroker) -> None:
    topic = fresh(kafka, partitions=2)
    publish(kafka.address, topic, range(10), keys=1, partition=0)
    publish(kafka.address, topic, range(10, 14), keys=2, partition=1)
    before = time.time_ns()
    source = source_of(kafka.address, topic)
    source.open(book := Book())
    batches = take(source, 14)

    assert book.held == {f"{topic}/0", f"{topic}/1"}
    assert {batch.lane: batch.position.value for batch in batches} == {f"{topic}/0": "10", f"{topic}/1": "4"}
    # d0 lives in partition 0 and came in partition 1, too
    letters = [letter for batch in batches for letter in batch.dead]
    assert ["d0 came on" in letter.reason and "key" in letter.reason for letter in letters] == [True]
    arrived = np.concatenate([batch.arrivals.arrived for batch in batches])
    assert (np.abs(arrived - before) < PATIENCE_S * 1e9).all()
    assert (arrived % 1_000_000 == 0).all(), "not the broker's stamps, which are the same again on a replay"
    assert source.connected()

    publish(kafka.address, topic, range(14, 20), keys=1, partition=0)
    first = take_some(source, most=2)
    assert len(first.arrivals) == 2
    until(lambda: source.poll(1, 0.1).waiting == 0, "nothing waits once all is read")

    source.commit(f"{topic}/0", Position("12"))
    source.close()
    watcher = Consumer({"bootstrap.servers": kafka.address, "group.id": topic, "log_level": 0})
    until(lambda: watcher.committed([TopicPartition(topic, 0)], timeout=10)[0].offset == 12, "the advice to the broker")
    watcher.close()


def take_some(source: Kafka, *, most: int) -> Batch:
    batches: list[Batch] = []
    until(lambda: len(polled(source, batches, most=most).arrivals), "a batch")
    return batches[-1]


def polled(source: Kafka, batches: list[Batch], *, most: int = 10) -> Batch:
    batches.append(source.poll(most, 0.1))
    return batches[-1]


@pytest.mark.slow
def test_partitions_move_to_another_member_with_their_positions(kafka: KafkaBroker) -> None:
    topic, count = fresh(kafka, partitions=4), 400
    publish(kafka.address, topic, range(count))
    known: dict[str, Position] = {}
    seen: dict[str, list[int]] = {}
    members = {name: (source_of(kafka.address, topic), Book(known)) for name in "ab"}

    def poll(*names: str) -> int:
        for source, book in (members[name] for name in names):
            batch = source.poll(20, 0.05)
            if len(batch.arrivals):
                assert batch.lane in book.held
                known[batch.lane] = batch.position
                seen.setdefault(batch.lane, []).extend(batch.arrivals.values[:, 0].astype(int).tolist())
            assert not members["a"][1].held & members["b"][1].held, "a lane is in two hands"
        return sum(map(len, seen.values()))

    members["a"][0].open(members["a"][1])
    until(lambda: poll("a") >= count // 2, "half of the readings")
    assert len(members["a"][1].held) == 4
    members["b"][0].open(members["b"][1])
    until(lambda: poll("a", "b") and len(members["b"][1].held) == 2, "half of the partitions")
    publish(kafka.address, topic, range(count, 2 * count))
    until(lambda: poll("a", "b") >= 2 * count, "all readings")
    for source, _ in members.values():
        source.close()

    assert all(values == sorted(set(values)) for values in seen.values()), "a lane went back, or read twice"
    assert sorted(value for values in seen.values() for value in values) == list(range(2 * count))


@pytest.fixture(scope="module")
def forgetful() -> tuple[Producer, str]:
    """The broker that the client library brings for its own tests: it keeps 5 MB of a partition."""
    producer = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1, "log_level": 0})
    broker = next(iter(producer.list_topics(timeout=10).brokers.values()))
    return producer, f"{broker.host}:{broker.port}"


def test_what_the_topic_no_longer_keeps_is_told(forgetful: tuple[Producer, str]) -> None:
    _, address = forgetful
    publish(address, "short", range(8_000), keys=1, partition=0, fill=900)
    source = source_of(address, "short")
    source.open(Book({"short/0": Position("10")}))
    first, second = take_some(source, most=100), take_some(source, most=100)
    source.close()
    left = int(first.arrivals.values[0, 0])
    assert 10 < left < 8_000
    assert [f"{left - 10:,} messages are lost" in letter.reason for letter in first.dead] == [True]
    assert "retention.ms" in first.dead[0].reason
    assert second.dead == ()


def test_a_position_of_something_else_is_refused() -> None:
    with pytest.raises(InputError, match="no offset"):
        offset_in(Position("3 apples"))


@pytest.mark.slow
def test_latest_begins_with_what_comes(forgetful: tuple[Producer, str]) -> None:
    _, address = forgetful
    publish(address, "latest", range(5), partition=0)
    source = source_of(address, "latest", more="&start=latest")
    source.open(book := Book())
    until(lambda: source.poll(10, 0.1) and book.held, "the partition")
    for _ in range(10):
        assert not len(source.poll(10, 0.1).arrivals)
    publish(address, "latest", range(5, 8), partition=0)
    assert np.concatenate([batch.arrivals.values[:, 0] for batch in take(source, 3)]).tolist() == [5, 6, 7]
    source.close()


@pytest.mark.slow
def test_a_broker_that_hangs_is_noticed_and_its_absence_told_once(kafka: KafkaBroker) -> None:
    with type(kafka)() as broker:
        topic = fresh(broker)
        publish(broker.address, topic, range(3))
        source = source_of(broker.address, topic)
        source.open(book := Book())
        book.known = {batch.lane: batch.position for batch in take(source, 3)}
        began = time.monotonic()
        broker.freeze()
        until(lambda: source.poll(10, 0.1) and not source.connected(), "notice that the broker hangs")
        broker.thaw()
        publish(broker.address, topic, range(3, 6))
        batches: list[Batch] = []
        until(lambda: len(polled(source, batches).arrivals), "readings after it came back")
        away = time.monotonic() - began
        shifts = [batch.arrivals.shift_ns for batch in batches if batch.arrivals.shift_ns]
        assert len(shifts) == 1
        assert 4e9 < shifts[0] < away * 1e9 + 1e9
        assert source.connected()
        broker.freeze()
        began = time.monotonic()
        source.close()
        assert time.monotonic() - began < 10, "it waits for a broker that hangs"
        broker.thaw()


def test_a_hand_tells_the_absence_where_it_was() -> None:
    messages = [Offset(k) for k in range(5, 9)]
    hand = Hand("t", 0, position=5, messages=list(messages), shift_ns=7, shift_from=7)  # type: ignore[arg-type]
    assert not hand.shifts
    assert [message.offset() for message in hand.give(10)] == [5, 6]
    assert hand.shifts
    hand.shift_ns = 0
    assert [message.offset() for message in hand.give(10)] == [7, 8]


class Offset:
    """All that a hand asks of a message."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def offset(self) -> int:
        return self._offset


def statistics(*, state: str = "UP", quiet_us: int = 0, leader: int = 1) -> str:
    brokers = {"a": {"nodeid": 1, "state": state, "rxidle": quiet_us}, "b": {"nodeid": 2, "state": "UP", "rxidle": 0}}
    return json.dumps({"brokers": brokers, "topics": {"t": {"partitions": {"0": {"leader": leader}}}}})


@pytest.mark.parametrize(
    ("counted", "reading", "quiet_s"),
    [
        (statistics(), {("t", 0)}, 0),
        (statistics(state="DOWN"), {("t", 0)}, np.inf),
        (statistics(quiet_us=6_000_000), {("t", 0)}, 6),
        (statistics(quiet_us=-1), {("t", 0)}, np.inf),
        (statistics(state="DOWN"), set(), 0),
        (statistics(state="DOWN", leader=2), {("t", 0)}, 0),
        (statistics(), {("t", 0), ("t", 1)}, np.inf),
    ],
)
def test_the_leaders_of_our_partitions_must_answer(counted: str, reading: set[tuple[str, int]], quiet_s: float) -> None:
    assert quiet_for(json.loads(counted), reading) == quiet_s


def test_an_absence_lasts_from_the_last_answer_to_the_next() -> None:
    hands = iter([0.0, 9.0, 31.0, 32.0])
    contact = Contact(clock=lambda: next(hands))
    assert contact.counted(statistics(quiet_us=4_000_000), {("t", 0)}) == 0
    assert contact.connected
    assert contact.counted(statistics(quiet_us=5_000_000), {("t", 0)}) == 0
    contact.broken()
    assert not contact.connected
    assert contact.heard() == 31 - (9 - 4)
    assert contact.counted(statistics(), {("t", 0)}) == 0


def test_messages_without_a_usable_stamp_arrive_now() -> None:
    source = Kafka.parse("//localhost/r", EXPECT)
    said = [(1, 1_767_225_600_500), (0, 0), (2, 1_767_225_601_000), (1, 9_000_000_000_000)]
    first, bare, logged, future = source._stamps(said)
    assert (first, logged) == (1_767_225_600_500_000_000, 1_767_225_601_000_000_000)
    assert bare == future
    assert abs(bare - time.time_ns()) < PATIENCE_S * 1e9


def test_expectations_are_not_changed_by_a_device_field() -> None:
    expect = replace(EXPECT, device=("unit",))
    Kafka.parse("//localhost/r?device=who", expect)
    assert expect.device == ("unit",)


def test_a_topic_that_is_not_there_is_said(kafka: KafkaBroker) -> None:
    fresh(kafka)
    source = source_of(kafka.address, "no-such-topic", more="&patience=1s")
    with pytest.raises(InputError, match="There is no topic 'no-such-topic'; there are: "):
        source.open(Book())
    source.close()
