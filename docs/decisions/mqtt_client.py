"""What a message costs with paho-mqtt as it comes, and in our source; see 0020-mqtt-client.md."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

from tocsin.core.live import Expected, Position
from tocsin.sources.mqtt import Mqtt
from tocsin.testing.servers import Mosquitto

COUNT = 20_000
CHANNELS = ("temp", "hum", "co", "lpg", "smoke")
WAYS = ("paho", "source", "source with JSON", "source with JSON, arrays of 100")


class Nobody:
    """Lanes of which nobody has read anything."""

    def assigned(self, lane: str) -> Position | None:
        """Begin at the beginning."""
        del lane
        return None

    def revoked(self, lane: str) -> None:
        """Nothing to do."""

    def lost(self, lane: str) -> None:
        """Nothing to do."""


def source(port: int, name: str, qos: int) -> Mqtt:
    """Return a source with a session of its own."""
    found = Mqtt.parse(f"//127.0.0.1:{port}/plant/+/env?client={name}&qos={qos}", Expected(channels=CHANNELS))
    assert isinstance(found, Mqtt)
    return found


def fill(port: int, qos: int, *, each: int) -> None:
    """Publish the backlog and wait until the broker has it."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2)
    client.max_inflight_messages_set(1_000)
    client.connect("127.0.0.1", port)
    client.loop_start()
    sent = []
    for number in range(0, COUNT, each):
        rows = [{"time": 1_700_000_000 + number + row, **dict.fromkeys(CHANNELS, 21.5 + row)} for row in range(each)]
        payload = json.dumps(rows if each > 1 else rows[0])
        sent.append(client.publish(f"plant/device-{number % 100}/env", payload, qos))
    for message in sent:
        message.wait_for_publish(60)
    client.disconnect()
    client.loop_stop()


def drain_paho(port: int, name: str, qos: int) -> tuple[float, float]:
    """Return s and processor s that it takes to get all messages in a callback and to acknowledge them."""
    from paho.mqtt.client import Client, MQTTMessage
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    numbers: list[int] = []

    def take(_client: Client, _: object, message: MQTTMessage) -> None:
        numbers.append(message.mid)

    wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho has no types here
    wishes.SessionExpiryInterval, wishes.ReceiveMaximum = 3_600, 2_000
    client = Client(CallbackAPIVersion.VERSION2, name, protocol=MQTTProtocolVersion.MQTTv5, manual_ack=True)
    client.on_message = take
    began, worked, done = time.perf_counter(), time.process_time(), 0
    client.connect("127.0.0.1", port, clean_start=False, properties=wishes)
    client.loop_start()
    while len(numbers) < COUNT:
        time.sleep(0.002)
        upto = len(numbers)
        for number in numbers[done:upto] if qos else ():
            client.ack(number, 1)
        done = upto
    spent = time.perf_counter() - began, time.process_time() - worked
    client.disconnect()
    client.loop_stop()
    return spent


def drain_source(port: int, name: str, qos: int) -> tuple[float, float]:
    """Return s and processor s that it takes our source to get and to acknowledge all messages, unread."""
    ours = source(port, name, qos)
    began, worked, got = time.perf_counter(), time.process_time(), 0
    ours.open(Nobody())
    inbox, _ = ours._opened()
    while got < COUNT:
        taken = inbox.take(4_096, 0.1)
        got += len(taken.messages)
        inbox.settle(taken.serial)
    spent = time.perf_counter() - began, time.process_time() - worked
    ours.close()
    return spent


def drain_readings(port: int, name: str, qos: int) -> tuple[float, float]:
    """Return s and processor s that it takes to get readings, five channels and a time, and to commit them."""
    ours = source(port, name, qos)
    began, worked, got = time.perf_counter(), time.process_time(), 0
    ours.open(Nobody())
    while got < COUNT:
        batch = ours.poll(4_096, 0.1)
        got += len(batch.arrivals)
        ours.commit(batch.lane, batch.position)
    spent = time.perf_counter() - began, time.process_time() - worked
    ours.close()
    return spent


def one(way: str, port: int, name: str, qos: int) -> None:
    """Drain one backlog and print what it took; in a process of its own, so that no way warms up another."""
    drain = {"paho": drain_paho, "source": drain_source}.get(way, drain_readings)
    print(json.dumps(drain(port, name, qos)))


def main() -> None:
    """Print a table: messages, or readings, per second, and processor time for each; the median of three runs."""
    with Mosquitto(keep_qos0=True) as broker:
        for qos in (0, 1):
            for way in WAYS:
                spent = [measured(broker.port, way, qos, turn) for turn in range(3)]
                rate = COUNT / statistics.median(wall for wall, _ in spent)
                cost = statistics.median(worked for _, worked in spent) / COUNT * 1e6
                print(f"| {qos} | {way} | {rate:,.0f} | {cost:.1f} |", flush=True)


def measured(port: int, way: str, qos: int, turn: int) -> tuple[float, float]:
    """Fill a session and have it drained."""
    name = f"{way}-{qos}-{turn}".replace(" ", "-").replace(",", "")
    session = source(port, name, qos)
    session.open(Nobody())
    session.close()
    fill(port, qos, each=100 if "arrays" in way else 1)
    command = [sys.executable, __file__, way, str(port), name, str(qos)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    wall, worked = json.loads(done.stdout)
    # whoever is subscribed gets the next backlog, too: leave for good
    forget(port, name)
    return wall, worked


def forget(port: int, name: str) -> None:
    """End a session."""
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion

    client = Client(CallbackAPIVersion.VERSION2, name, clean_session=True)
    client.connect("127.0.0.1", port)
    client.loop_start()
    time.sleep(0.1)
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    if sys.argv[1:]:
        one(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
    else:
        main()
