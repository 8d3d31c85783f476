"""Where faults fall in a simulated series: spread over all of it, apart from each other, and each with an effect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.errors import SettingError
from tocsin.training.simulate._faults import Fault, inject
from tocsin.training.simulate._kinds import KINDS

APART = 12
"""Normal readings between two faults at least: more than a usual window, so that no window sees two."""

DECK = ("spike", "spike", "drop", "drift", "stuck", "dropout", "dropout", "co_deviation")
"""Kinds are dealt from a shuffled deck, so that even a short series holds most of them; short kinds come twice."""

FULL_DECK = ("spike", "spike", *(kind for kind in KINDS if kind not in ("spike", "drop")))
"""All kinds; a drop is a level shift downwards, and a spike of one reading fits any rest."""

LENGTHS = {name: kind.lengths for name, kind in KINDS.items()}

SMALLEST = 0.5
"""What a fault's effect measures at least, in deviations."""

TRIES = 60
"""Draws of channels and size before a kind is given up at its place, and of events before a share is given up."""

Sensor = Callable[[FloatArray], FloatArray]
"""What a sensor makes of true values: bounds and resolution."""


class Place(NamedTuple):
    """Where an event of a kind shall happen, in rows."""

    kind: str
    start: int
    length: int


def place(
    normal: FloatArray,
    *,
    deviation: FloatArray,
    share: float,
    sensor: Sensor,
    rng: np.random.Generator,
    deck: Sequence[str] = DECK,
    lag: int = 0,
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
    deck
        The kinds that are dealt.
    lag
        Half a rhythm in readings, from which contextual faults take their values.
    """
    places = plan(len(normal), share=share, lengths=LENGTHS, deck=deck, rng=rng)
    instead = "drift" if "drift" in deck else ""
    return [fit(at, normal, deviation=deviation, sensor=sensor, rng=rng, lag=lag, instead=instead) for at in places]


def plan(
    rows: int, *, share: float, lengths: Mapping[str, tuple[int, int]], deck: Sequence[str], rng: np.random.Generator
) -> list[Place]:
    """Return where events of which kinds and lengths happen, in order of time; they fill ``share`` of the rows.

    Parameters
    ----------
    rows
        Readings there are.
    share
        Share of them that lie in an event; less where the kinds cannot fill it exactly.
    lengths
        Least and greatest length of each kind, in readings.
    deck
        The kinds that are dealt; one that stands there twice comes twice as often.
    rng
        Where chance comes from.
    """
    dealt = _fitting(rows, round(share * rows), lengths, deck, rng)
    starts = _spread(rows, [length for _, length in dealt], rng)
    return [Place(kind, int(start), length) for (kind, length), start in zip(dealt, starts, strict=True)]


def fit(
    at: Place,
    normal: FloatArray,
    *,
    deviation: FloatArray,
    sensor: Sensor,
    rng: np.random.Generator,
    lag: int,
    instead: str,
) -> tuple[Fault, float]:
    """Draw channels and size until the effect is neither nil nor absurd: light cannot drop at night.

    ``instead`` is the kind that is taken where the wanted one finds no effect, or "".
    """
    behind = _behind(at, lag, len(normal)) if at.kind == "contextual" else 0
    first = at.start - max(behind, 0)
    context = normal[first : at.start + at.length - min(behind, 0)]
    rows = slice(at.start - first, at.start - first + at.length)
    for attempt in range(2 * TRIES):
        kind = at.kind if attempt < TRIES or not instead else instead
        fault = _draw(kind, Place(kind, rows.start, at.length), normal.shape[1], rng=rng, lag=behind)
        faulty = inject(context, [fault], deviation=deviation)[rows]
        size = measure(context[rows], sensor(faulty), deviation)
        if SMALLEST <= size <= KINDS[kind].largest:
            return replace(fault, start=at.start), size
    raise SettingError("These readings do not vary, so no fault has a size.", remedy="Give readings that vary.")


def measure(normal: FloatArray, faulty: FloatArray, deviation: FloatArray) -> float:
    """Return the largest departure from the normal readings, in deviations of the channel it occurs in."""
    return float(np.max(np.abs(faulty - normal) / deviation))


def _behind(at: Place, lag: int, rows: int) -> int:
    """Return how many readings earlier a contextual fault takes its values; later ones where none are earlier."""
    lag = min(lag or rows // 2, rows - at.length)
    if at.start - lag >= 0:
        return lag
    return -min(lag, rows - at.start - at.length) or at.start


def _fitting(
    rows: int, faulty: int, lengths: Mapping[str, tuple[int, int]], deck: Sequence[str], rng: np.random.Generator
) -> list[tuple[str, int]]:
    """Deal until the pauses fit in too: a short series may be dealt too many short events."""
    shortest = min(lengths[kind][0] for kind in deck)
    if 0 < faulty < shortest:
        raise SettingError(
            f"Events of these kinds last {shortest} rows or more, but only {faulty} of {rows} rows may lie in one.",
            remedy="Ask for a greater share of anomalies, or for more rows.",
        )
    for _ in range(TRIES):
        dealt = _deal(faulty, lengths, deck, rng)
        if _free(rows, [length for _, length in dealt]) >= 0:
            return dealt
    raise SettingError(
        f"Events in {faulty} of {rows} rows leave no {APART} normal rows between each other.",
        remedy="Ask for a smaller share of anomalies, or for more rows.",
    )


def _free(rows: int, lengths: Sequence[int]) -> int:
    """Return how many rows neither events nor the least pauses need; negative where they do not fit."""
    return rows - sum(lengths) - APART * (len(lengths) + 1)


def _deal(
    rows: int, lengths: Mapping[str, tuple[int, int]], deck: Sequence[str], rng: np.random.Generator
) -> list[tuple[str, int]]:
    """Return kinds and lengths that fill ``rows``: exactly, where a kind of one reading is among them."""
    dealt: list[tuple[str, int]] = []
    shortest = min(lengths[kind][0] for kind in deck)
    while rows >= shortest:
        for kind in rng.permutation(deck).tolist():
            low, high = lengths[kind]
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


def _draw(kind: str, at: Place, channels: int, *, rng: np.random.Generator, lag: int) -> Fault:
    rule = KINDS[kind]
    count = int(rng.integers(*rule.channels, endpoint=True))
    touched = tuple(sorted(rng.choice(channels, size=min(count, channels), replace=False).tolist()))
    way = rng.choice((-1.0, 1.0)) if rule.both_ways else 1.0
    size = float(way * rng.uniform(*rule.sizes))
    seed = int(rng.integers(2**31)) if kind == "noise_burst" else 0
    return Fault(kind, at.start, at.length, touched, size, lag=lag if kind == "contextual" else 0, seed=seed)
