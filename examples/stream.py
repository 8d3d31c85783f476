"""A live stream: readings come one at a time, the process restarts in between, and nothing is lost.

Run it with ``python examples/stream.py``. In a plant, ``arriving`` would be a loop over messages, and the snapshot
would go to a disk every few seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

import tocsin
from tocsin.core.readings import Readings
from tocsin.core.verdicts import Status
from tocsin.engine.pipeline import Pipeline
from tocsin.sources import open_table
from tocsin.training.simulate.environment import Environment

table = open_table(Environment(rows=2000, seed=7).table())
scorer = tocsin.fit(table.columns, tocsin.Recipe(raise_after=2))


def arriving(first: int, last: int) -> Iterator[Readings]:
    """Yield one reading after the other, as a message would bring it: a device, a time in ns, and a value a channel."""
    for row in range(first, last):
        yield Readings(
            scorer.artifact.schema,
            device=np.array([0]),
            time=table.readings.time[row : row + 1],
            values=table.readings.values[row : row + 1],
        )


def watch(pipeline: Pipeline, readings: Iterator[Readings]) -> list[float]:
    """Push readings, tell what opens and closes, and return the scores."""
    scores: list[float] = []
    for reading in readings:
        verdicts = pipeline.push(reading)
        scores += verdicts.score[verdicts.status == Status.ok].tolist()
        for event in verdicts.events:
            start = np.datetime64(event.incident.start, "ns").astype("datetime64[s]")
            print(f"{event.kind:>6}  incident since {start}Z, {event.incident.severity:.1f} times the limit")
    return scores


pipeline = scorer.pipeline()
pipeline.join(["room-1"])
before = watch(pipeline, arriving(0, 1000))
snapshot = pipeline.snapshot()

restarted = scorer.pipeline()
restarted.restore(snapshot)
after = watch(restarted, arriving(1000, 2000))

whole = scorer.judge(table).verdicts
assert before + after == whole.score[whole.status == Status.ok].tolist(), "a stream scores as a file does, bit for bit"
print(f"{len(before + after)} scores, the same as of the whole file at once.")
