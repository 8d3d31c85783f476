"""Where faults fall in a simulated series: spread over all of it, apart from each other, and each with an effect."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.errors import SettingError
from tocsin.training.simulate._faults import KINDS, Fault, inject

APART = 12
"""Normal readings between two faults at least: more than a usual window, so that no window sees two."""

DECK = ("spike", "spike", "drop", "drift", "stuck", "dropout", "dropout", "co_deviation")
"""Kinds are dealt from a shuffled deck, so that even a short series holds most of them; short kinds come twice."""

SMALLEST, LARGEST = 0.5, 6.0
"""Bounds of a fault's measured size, in deviations."""

TRIES = 60
"""Draws of channels and size before a kind is given up at its place, and of events before a share is given up."""

Sensor = Callable[[FloatArray], FloatArray]
"""What a sensor makes of true values: bounds and resolution."""


def place(
    normal: FloatArray, *, deviation: FloatArray, share: float, sensor: Sensor, rng: np.random.Generator
) -> list[tuple[Fault, float]]:
    """Return faults for ``normal`` with their measured sizes, in order of time.

    Parameters
    ----------
    normal
        ndarray of shape (rows, channels), float64: what would be read without faults.
    deviation
        ndarray of shape (channels,), float64: the unit of sizes.
    share
        Share of the rows that lie in a fault.
    sensor
        Applied to faulty values before their size is measured.
    rng
        Where chance comes from.
    """
    dealt = _fitting(len(normal), round(share * len(normal)), rng)
    starts = _spread(len(normal), [length for _, length in dealt], rng)
    placed = []
    for (kind, length), start in zip(dealt, starts, strict=True):
        stretch = normal[start : start + length]
        fault, size = _fit(kind, stretch, deviation=deviation, sensor=sensor, rng=rng)
        placed.append((Fault(fault.kind, int(start), length, fault.channels, fault.size), size))
    return placed


def measure(normal: FloatArray, faulty: FloatArray, deviation: FloatArray) -> float:
    """Return the largest departure from the normal readings, in deviations of the channel it occurs in."""
    return float(np.max(np.abs(faulty - normal) / deviation))


def _fitting(rows: int, faulty: int, rng: np.random.Generator) -> list[tuple[str, int]]:
    """Deal until the pauses fit in too: a short series may be dealt too many short events."""
    for _ in range(TRIES):
        dealt = _deal(faulty, rng)
        if _free(rows, [length for _, length in dealt]) >= 0:
            return dealt
    raise SettingError(
        f"Events in {faulty} of {rows} rows leave no {APART} normal rows between each other.",
        remedy="Ask for a smaller share of anomalies, or for more rows.",
    )


def _free(rows: int, lengths: Sequence[int]) -> int:
    """Return how many rows neither events nor the least pauses need; negative where they do not fit."""
    return rows - sum(lengths) - APART * (len(lengths) + 1)


def _deal(rows: int, rng: np.random.Generator) -> list[tuple[str, int]]:
    """Return kinds and lengths that fill ``rows`` exactly; a spike of one reading fits any rest."""
    dealt: list[tuple[str, int]] = []
    while rows:
        for kind in rng.permutation(DECK).tolist():
            low, high = KINDS[kind].lengths
            if low <= rows:
                length = min(int(rng.integers(low, high, endpoint=True)), rows)
                dealt.append((kind, length))
                rows -= length
    return [dealt[i] for i in rng.permutation(len(dealt))]


def _spread(rows: int, lengths: Sequence[int], rng: np.random.Generator) -> IntArray:
    """Return starts with uneven pauses of at least ``APART`` readings before, between and after."""
    shares = rng.dirichlet(np.full(len(lengths) + 1, 3.0))[:-1]
    pauses = np.floor(np.cumsum(shares) * _free(rows, lengths)).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(lengths)])[:-1]
    return np.asarray(pauses + before + APART * np.arange(1, len(lengths) + 1))


def _fit(
    kind: str, stretch: FloatArray, *, deviation: FloatArray, sensor: Sensor, rng: np.random.Generator
) -> tuple[Fault, float]:
    """Draw channels and size until the effect is neither nil nor absurd: light cannot drop at night."""
    for attempt in range(2 * TRIES):
        fault = _draw(kind if attempt < TRIES else "drift", stretch.shape, rng)
        size = measure(stretch, sensor(inject(stretch, [fault], deviation=deviation)), deviation)
        if SMALLEST <= size <= LARGEST:
            return fault, size
    raise SettingError("These readings do not vary, so no fault has a size.", remedy="Give readings that vary.")


def _draw(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Fault:
    rule = KINDS[kind]
    count = int(rng.integers(*rule.channels, endpoint=True))
    channels = tuple(sorted(rng.choice(shape[1], size=min(count, shape[1]), replace=False).tolist()))
    way = rng.choice((-1.0, 1.0)) if rule.both_ways else 1.0
    return Fault(kind, 0, shape[0], channels, float(way * rng.uniform(*rule.sizes)))
