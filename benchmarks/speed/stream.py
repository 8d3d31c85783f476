"""A stream: the engine alone, from broker to store, from publish to verdict, and beside what others do a message."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speed.children import Variant, interleaved, median, run, say
from speed.drain import WIRES, drain
from speed.line import Line
from speed.material import fleet_artifact
from speed.promptness import keeps_up, promptness

DEVICES = (1, 100, 10_000, 100_000)
JUDGED_AT = 10_000
"""Of so many devices the engine is held to its aims."""
FASTEST_HZ = 10_000


@dataclass(frozen=True)
class Pythons:
    """Pythons that have what tocsin does without."""

    keras: str
    river: str


def stream(pythons: Pythons, folder: Path, *, repeats: int, share: float) -> tuple[list[Line], dict[str, Any]]:
    """Measure everything; ``share`` of the readings and seconds of a whole run."""
    artifact = folder / "fleet.tocsin"
    say("stream: an artifact with the reference network")
    fleet_artifact(artifact)
    raw: dict[str, Any] = interleaved([_engine(artifact, devices, share) for devices in DEVICES], repeats)
    lines = [line for devices in DEVICES for line in _engine_lines(devices, raw[f"{devices} devices"])]
    for number, wire in enumerate(WIRES):
        found = drain(wire, artifact, folder / f"drain-{number}", share=share)
        rate = min(found["readings_s"] / 2, wire.most_hz)
        prompt = promptness(wire, artifact, folder / f"prompt-{number}", rate=rate, seconds=30 * share)
        raw[wire.name] = [{**found, **prompt}]
        lines += _wire_lines(wire.name, wire.aim, found, prompt)
    raw["10 kHz"] = [keeps_up(folder, hertz=FASTEST_HZ, seconds=30 * share)]
    lines.append(_fastest(raw["10 kHz"][0]))
    raw |= {name: [answer] for name, answer in _others(pythons, share).items()}
    return [*lines, *_beside(raw)], raw


def _engine(artifact: Path, devices: int, share: float) -> Variant:
    settings = {"artifact": str(artifact), "devices": devices, "rows": 4096, "seconds": 3 * share, "turns": 3}
    return Variant(f"{devices} devices", sys.executable, "stream_side.py", "engine", settings)


def _engine_lines(devices: int, runs: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    what, judged = f"engine alone, {devices:,} device{'s' * (devices > 1)}", devices == JUDGED_AT
    speed, batch = median(runs, "readings_s"), median(runs, "batch_s")
    yield Line("stream", what, speed, "readings/s", aim=25_000 if judged else None, judged="value")
    yield Line(
        "stream", "  of the graph in a batch", speed, "/s", "bound", batch, speed / batch, 0.4 if judged else None
    )
    if devices >= JUDGED_AT:
        yield Line("stream", "  memory a device", median(runs, "memory_per_device"), "bytes")
        yield Line("stream", "  state a device in the store", median(runs, "stored_per_device"), "bytes")


def _wire_lines(name: str, aim: float, found: Mapping[str, float], prompt: Mapping[str, float]) -> Iterator[Line]:
    yield Line("stream", f"{name}, a backlog drained", found["readings_s"], "readings/s", aim=aim, judged="value")
    yield Line("stream", "  processor time for 1,000 readings", 1000 * found["cpu_s_per_1000"], "ms")
    for percent in ("p50", "p95", "p99"):
        least = 250.0 if percent == "p99" else None
        what = f"  publish to verdict at {prompt['published_s']:,.0f}/s, {percent}"
        yield Line("stream", what, prompt[percent], "ms", aim=least, judged="value", lower_is_better=True)


def _fastest(found: Mapping[str, float]) -> Line:
    what = f"one device at {FASTEST_HZ / 1000:g} kHz: the last verdict's delay"
    return Line("stream", what, found["last"], "ms", aim=1000, judged="value", lower_is_better=True)


def _others(pythons: Pythons, share: float) -> dict[str, dict[str, Any]]:
    river = {"readings": int(20_000 * share), "devices": 1000}
    keras = {"predict_readings": int(100 * share) + 5, "function_readings": int(2000 * share) + 5}
    say("stream: River's HalfSpaceTrees and a Keras loop, message by message")
    return {
        "river": run(Variant("River", pythons.river, "river_side.py", "messages", river)),
        "keras": run(Variant("Keras", pythons.keras, "keras_side.py", "messages", keras)),
    }


def _beside(raw: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[Line]:
    """From broker to store beside loops that have neither: they parse a message and score it."""
    own = raw["MQTT QoS 1, single"][0]["readings_s"]
    river, keras = raw["river"][0]["readings_s"], raw["keras"][0]
    for against, theirs in (
        ("River HalfSpaceTrees", river),
        ("Keras predict", keras["predict_s"]),
        ("Keras traced", keras["function_s"]),
    ):
        yield Line("stream", f"MQTT QoS 1, single, beside {against}", own, "/s", against, theirs, own / theirs)
