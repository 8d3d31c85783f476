"""What a centre says of stretches is what it would have said of all readings, or nothing."""

from __future__ import annotations

import random
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


def sent(whole: Arrivals, law: Forward, cuts: list[int]) -> list[bytes]:
    """Return the messages of an edge that is given readings in portions."""
    edge = Lane([Duty(EDGE, forward=law)])
    borders = sorted({0, len(whole), *(min(place, len(whole)) for place in cuts)})
    portions = [cut(whole, start, stop) for start, stop in pairwise(borders)]
    return [encode(some) for portion in portions for some in edge.take(portion).forwards]


def at_centre(messages: list[bytes]) -> Verdicts:
    centre = Lane([Duty(CENTRE, keep_every_ns=0)])
    return kept([centre.take(decode(message)) for message in messages])


def scored(verdicts: Verdicts) -> Verdicts:
    """Return the scores and limits of the readings that got one."""
    return {key: verdict[:2] for key, verdict in verdicts.items() if verdict[2] == str(int(Status.ok))}


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 5),
    level=st.sampled_from([0.6, 0.8, 0.9, 1.0]),
    before=st.integers(1, 40),
    after=st.integers(4, 20),
    cuts=st.lists(st.integers(0, 900), max_size=6),
)
def test_no_window_spans_a_gap(seed: int, level: float, before: int, after: int, cuts: list[int]) -> None:
    law = Forward(level=level, before=before, after=after)
    found, expected = at_centre(sent(crowd(seed), law, cuts)), alone(seed)
    assert scored(found).items() <= scored(expected).items()
    assert set(found) <= set(expected)


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 5), cuts=st.lists(st.integers(0, 900), max_size=6), chance=st.randoms(use_true_random=False))
def test_repeats_and_messages_of_other_edges_in_between_change_nothing(
    seed: int, cuts: list[int], chance: random.Random
) -> None:
    law, whole = Forward(level=0.7, before=30, after=12), crowd(seed)
    edges = [sent(whole.take(np.isin(whole.device, own)), law, cuts) for own in ([0, 1], [2])]
    found = at_centre([message for edge in edges for message in edge])
    waiting, mixed = [list(edge) for edge in edges], list[bytes]()
    while any(waiting):
        mixed.append(chance.choice([edge for edge in waiting if edge]).pop(0))
        mixed.extend(chance.choices(mixed, k=chance.randrange(3)))  # a broker delivers once at least
    assert scored(found)
    assert scored(at_centre(mixed)) == scored(found)


def test_what_is_hot_at_the_edge_is_judged_at_the_centre() -> None:
    whole, law = crowd(0), Forward(level=0.7, before=CENTRE.window - 1 + CENTRE.clock.hold, after=4)
    hot = kept([Lane([Duty(EDGE, keep_every_ns=0)]).take(whole)])
    above = {key[1:] for key, (score, limit, *_) in hot.items() if float(score) > law.level * float(limit)}
    expected = {key: verdict for key, verdict in scored(alone(0)).items() if key[1:] in above}
    assert expected
    assert expected.items() <= scored(at_centre(sent(whole, law, [100, 400]))).items()
