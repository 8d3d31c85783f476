"""Every payload keeps what payloads promise."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pytest

from tocsin.core.arrivals import Arrivals, Message
from tocsin.core.discover import names
from tocsin.core.forwards import encode
from tocsin.core.live import Expected
from tocsin.sources._topics import Topics
from tocsin.sources.payloads import open_payload
from tocsin.sources.payloads._sparkplug_proto import payload_class
from tocsin.testing.check import Check
from tocsin.testing.payload_checks import PayloadTrial, payload_checks

EXPECT = Expected(channels=("temp", "hum"))
BEGIN = 1_767_225_600


def lines(write: Callable[[int], str], topic: str = "plant/{device}/env") -> list[Message]:
    devices = [f"pump-{number % 3}" for number in range(12)]
    return [
        Message(topic.format(device=device), write(number).encode(), 10**18 + number)
        for number, device in enumerate(devices)
    ]


def sparkplug() -> list[Message]:
    def message(kind: str, number: int, *metrics: dict[str, object]) -> Message:
        payload = payload_class()(timestamp=(BEGIN + number) * 1_000)
        for metric in metrics:
            payload.metrics.add(**metric)
        return Message(f"spBv1.0/plant/{kind}/edge/pump", payload.SerializeToString(), 10**18 + number)

    birth = message("DBIRTH", 0, {"name": "temp", "alias": 1, "datatype": 10, "double_value": 20.5})
    return [birth, *(message("DDATA", n, {"alias": 1, "double_value": 20.5 + n}) for n in range(1, 10))]


def written_json(number: int) -> str:
    one = {"time": BEGIN + number, "temp": 20.5 + number, "hum": None if number % 4 else 40}
    return json.dumps([one, {**one, "time": BEGIN + number + 0.5}] if number % 2 else one)


def stretches() -> list[Message]:
    def message(number: int) -> Message:
        when = 10**18 + number
        times = np.array([10**18 - 10 + number, 10**18 - 5 + number])
        values = np.array([[20.5 + number, np.nan], [np.nan, 40.0]])
        some = Arrivals(("a", "b"), ("temp", "hum"), np.array([0, number % 2]), times, values, np.array([when, when]))
        return Message("tocsin/hall-3/windows", encode(some), when)

    return [message(number) for number in range(12)]


TRIALS: dict[str, tuple[str, str, Sequence[Message]]] = {
    "json": ("json", "plant/{device}/env", lines(written_json)),
    "value": ("value", "plant/{device}/{channel}", lines(lambda number: f"{20.5 + number}", "plant/{device}/temp")),
    "csv": (
        "csv:time,temp,hum",
        "plant/{device}/env",
        lines(lambda n: f"{BEGIN + n},{20.5 + n},40\n{BEGIN + n + 0.5},,41"),
    ),
    "sparkplug": ("sparkplug", "spBv1.0/#", sparkplug()),
    "cascade": ("cascade", "tocsin/+/windows", stretches()),
}


@pytest.mark.parametrize("check", payload_checks(), ids=lambda check: check.name)
@pytest.mark.parametrize("name", names("sources.payloads"))
def test_payloads_keep_their_promises(name: str, check: Check[PayloadTrial]) -> None:
    text, topic, messages = TRIALS[name]
    check(PayloadTrial(partial(open_payload, text, EXPECT, Topics(topic).names), messages))
