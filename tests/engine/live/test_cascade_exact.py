"""What a centre says of stretches is what it would have said of all readings, or nothing."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import make_artifact, messy
from tests.engine.live.streams import arrivals_of, cut, kept

from tocsin.core.arrivals import Arrivals
from tocsin.core.forwards import decode, encode
from tocsin.core.verdicts import Status
from tocsin.engine.forward import Forward
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane

EDGE = make_artifact("rolling_zscore")
CENTRE = make_artifact("lstm_autoencoder")
DEVICES = ("one", "two", "late")
Verdicts = dict[tuple[str, str, int], tuple[str, ...]]


@cache
def crowd(seed: int) -> Arrivals:
    """Return readings with gaps, faults and what is missing; each device's in the order of their times."""
    readings = messy(300, devices=3, seed=seed)
    kept_rows = np.zeros(len(readings), np.bool_)
    for device in range(len(DEVICES)):
        mine = np.flatnonzero(readings.device == device)
        before = np.maximum.accumulate(np.concatenate([[0], readings.time[mine][:-1]]))
        kept_rows[mine] = readings.time[mine] > before
    return arrivals_of(readings, DEVICES).take(kept_rows)


@cache
def alone(seed: int) -> Verdicts:
    return kept([Lane([Duty(CENTRE, keep_every_ns=0)]).take(crowd(seed))])


def at_centre(whole: Arrivals, law: Forward, cuts: list[int]) -> Verdicts:
    edge, over = Lane([Duty(EDGE, forward=law)]), Lane([Duty(CENTRE, keep_every_ns=0)])
    borders = sorted({0, len(whole), *(min(place, len(whole)) for place in cuts)})
    told = [
        over.take(decode(encode(some)))
        for start, stop in pairwise(borders)
        for some in edge.take(cut(whole, start, stop)).forwards
    ]
    return kept(told)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 5),
    level=st.sampled_from([0.6, 0.8, 0.9, 1.0]),
    before=st.integers(1, 40),
    after=st.integers(4, 20),
    cuts=st.lists(st.integers(0, 900), max_size=6),
)
def test_no_window_spans_a_gap(seed: int, level: float, before: int, after: int, cuts: list[int]) -> None:
    found, expected = at_centre(crowd(seed), Forward(level=level, before=before, after=after), cuts), alone(seed)
    scored = {key: verdict[:2] for key, verdict in found.items() if verdict[2] == str(int(Status.ok))}
    assert {key: expected[key][:2] for key in scored} == scored
    assert set(found) <= set(expected)
