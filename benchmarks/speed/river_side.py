"""River's HalfSpaceTrees on the messages of a fleet, run by a Python that has River and need not have tocsin.

Called as ``python river_side.py messages SETTINGS``, with settings in JSON; the last line is the answer in JSON.
"""

from __future__ import annotations

import json
import random
import sys
import time
from typing import Any

import river
from river.anomaly import HalfSpaceTrees

CHANNELS = ("temperature", "humidity", "light", "loudness", "air_quality")


def messages(settings: dict[str, Any]) -> dict[str, Any]:
    """Readings a second from a message's text to its score, one model a device, learning as it goes."""
    came = texts(settings["readings"], settings["devices"])
    models: dict[str, HalfSpaceTrees] = {}
    started = time.perf_counter()
    for text in came:
        message = json.loads(text)
        model = models.get(message["device"])
        if model is None:
            model = models[message["device"]] = HalfSpaceTrees(seed=0)
        reading = {name: message[name] for name in CHANNELS}
        model.score_one(reading)
        model.learn_one(reading)
    return {"readings_s": len(came) / (time.perf_counter() - started)}


def texts(readings: int, devices: int) -> list[str]:
    """Return messages as they come over a wire, values between 0 and 1, as the method wants them."""
    chance = random.Random(0)
    return [
        json.dumps({"device": f"room-{k % devices}", "time": k, **{name: chance.random() for name in CHANNELS}})
        for k in range(readings)
    ]


if __name__ == "__main__":
    answer = {"messages": messages}[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": {"river": river.__version__}}))
