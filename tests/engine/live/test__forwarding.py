"""What an edge hands out is what the law says of the whole stream, however it is cut, and whenever it is killed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import BEGIN, MINUTE, calm, gathering, make_artifact, messy
from tests.engine.live.streams import arrivals_of, cut, lived, parts_of

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrivals import Arrivals
from tocsin.core.schema import Channel, Schema
from tocsin.core.tidings import Tidings
from tocsin.engine.forward import Forward
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane
from tocsin.engine.pipeline import Pipeline
from tocsin.engine.scorer import Scorer

PLAIN = make_artifact("rolling_zscore")
DEVICES = ("one", "two", "late")
LAW = Forward(level=0.9, before=14, after=6)
Row = tuple[int, int, bytes, bytes]


def forwarded(tidings: Sequence[Tidings]) -> dict[str, list[Row]]:
    """Return what was handed out of each device, in order, each reading once, to the bit."""
    found: dict[str, dict[Row, None]] = {}
    for told in tidings:
        for some in told.forwards:
            for k in range(len(some)):
                found.setdefault(some.devices[some.device[k]], {}).setdefault(row_of(some, k))
    return {device: list(rows) for device, rows in sorted(found.items())}


def row_of(some: Arrivals, k: int) -> Row:
    bad = np.zeros(some.values.shape[1], np.bool_) if some.bad is None else some.bad[k]
    return int(some.time[k]), int(some.arrived[k]), some.values[k].tobytes(), bad.tobytes()


@cache
def crowd(seed: int) -> Arrivals:
    readings = messy(200, devices=3, seed=seed)
    bad = np.random.default_rng(seed).random(readings.values.shape) < 0.01
    # each reading has an arrival of its own, so that it can be told from its repeats
    arrived = BEGIN + np.arange(len(readings)) * 10**9
    return replace(arrivals_of(readings, DEVICES, arrived=arrived), bad=bad)


def by_law(artifact: Artifact, whole: Arrivals) -> dict[str, list[Row]]:
    """Return what the law says of the verdicts on all readings, which are one a reading, in order."""
    pipeline = Pipeline(artifact)
    pipeline.join(whole.devices)
    readings = messy(200, devices=3, seed=0)
    verdicts = pipeline.push(
        replace(
            readings, device=whole.device, time=whole.time, values=whole.values, bad=whole.bad, arrived=whole.arrived
        )
    )
    score, limit = (np.full(len(whole), np.nan) for _ in range(2))
    score[verdicts.row], limit[verdicts.row] = verdicts.score, verdicts.limit
    mask = LAW.mask(score, limit, whole.device)
    return {
        name: [row_of(whole, k) for k in np.flatnonzero(mask & (whole.device == place)).tolist()]
        for place, name in sorted(enumerate(whole.devices), key=lambda one: one[1])
    }


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 5),
    cuts=st.lists(st.integers(0, 600), max_size=12),
    kills=st.sets(st.integers(1, 12), max_size=4),
)
def test_the_law_holds_over_cuts_and_kills(seed: int, cuts: list[int], kills: set[int]) -> None:
    whole = crowd(seed)
    expected = by_law(PLAIN, whole)
    assert sum(map(len, expected.values())) not in (0, len(whole))
    assert forwarded(lived([Duty(PLAIN, forward=LAW)], whole, cuts, kills=sorted(kills))) == expected


def faulty(n: int = 300) -> Arrivals:
    """Return one device with two faults, two readings of it in each minute."""
    values = np.repeat(calm(n), 2, axis=0)
    values[120:130, 0] += 8
    values[400:404, 1] += 8
    time = BEGIN + np.arange(2 * n) * MINUTE // 2
    return Arrivals(("pump-1",), ("a", "b"), np.zeros(2 * n, np.int64), time, values, time)


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 600), max_size=8), kills=st.sets(st.integers(1, 8), max_size=3))
def test_a_bin_stands_for_the_readings_in_it(cuts: list[int], kills: set[int]) -> None:
    own, whole = gathering(PLAIN), faulty()
    verdicts = Scorer(own).verdicts(whole.values, time=whole.time)
    mask = LAW.mask(verdicts.score, verdicts.limit, whole.device)
    found = forwarded(lived([Duty(own, forward=LAW)], whole, cuts, kills=sorted(kills)))
    assert 0 < mask.sum() < len(whole) / 2
    assert found == {"pump-1": [row_of(whole, k) for k in np.flatnonzero(mask).tolist()]}


def quiet() -> Arrivals:
    """Return one device that is steady, and breaks at its 113th reading."""
    values = np.full((120, 2), 20.0) + np.random.default_rng(0).normal(0, 0.01, (120, 2))
    values[112:] += 100
    time = BEGIN + np.arange(120) * MINUTE
    return Arrivals(("pump-1",), ("a", "b"), np.zeros(120, np.int64), time, values, time)


def test_stretches_are_counted_once_each() -> None:
    whole = faulty()
    times = np.array([row[0] for row in forwarded(lived([Duty(PLAIN, forward=LAW)], whole, []))["pump-1"]])
    begun = 1 + int((np.diff(times) > MINUTE // 2).sum())
    assert begun > 2
    for cuts in ([], list(range(1, 600, 7))):
        assert sum(told.stretches for told in lived([Duty(PLAIN, forward=LAW)], whole, cuts)) == begun


def test_context_survives_another_artifact_and_another_depth() -> None:
    before, other = Lane([Duty(PLAIN, forward=LAW)]), replace(PLAIN, policy=replace(PLAIN.policy, raise_after=1))
    before.take(cut(quiet(), 0, 100))
    after = Lane([Duty(other, forward=replace(LAW, before=60))], parts=parts_of(before.changed()))
    found = forwarded([after.take(cut(quiet(), 100, 120))])["pump-1"]
    # all that was remembered, although the new law asks for more
    assert found[0] == row_of(quiet(), 100 - (LAW.before + LAW.after + 1))


def test_where_nothing_is_forwarded_any_more_context_is_dropped() -> None:
    before = Lane([Duty(PLAIN, forward=LAW)])
    before.take(cut(quiet(), 0, 100))
    parts = parts_of(before.changed())
    assert any("context" in name for name in parts)
    after = Lane([Duty(PLAIN)], parts=parts)
    assert [name for name, block in after.changed().items() if block is None] == ["/context-0"]
    after.saved()
    assert "/context-0" not in after.changed()


def test_context_is_that_of_the_same_channels() -> None:
    before = Lane([Duty(PLAIN, forward=LAW)])
    before.take(cut(quiet(), 0, 100))
    schema = Schema((Channel("a"), Channel("c")))
    renamed = replace(PLAIN, schema=schema)
    after = Lane([Duty(renamed, forward=LAW)], parts=parts_of(before.changed()))
    tidings = after.take(replace(cut(quiet(), 100, 120), channels=("a", "c")))
    assert forwarded([tidings])["pump-1"][0] == row_of(quiet(), 100)


def test_what_follows_goes_as_it_comes() -> None:
    """One reading at a time: nothing, then the context with the first strange one, then each that follows."""
    lane = Lane([Duty(PLAIN, forward=LAW)])
    sent = [sum(map(len, lane.take(cut(quiet(), k, k + 1)).forwards)) for k in range(112 + LAW.after)]
    assert sent == [0] * 112 + [LAW.before + 1] + [1] * (LAW.after - 1)
