"""The heart of live operation: however arrivals are cut, and whenever the lane is killed, the same is told and kept."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.conftest import BEGIN, MINUTE, gathering, make_artifact, messy
from tests.engine.live.streams import arrivals_of, cut, kept, lived, parts_of, survived, told

from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.span import Span
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Arrivals
from tocsin.core.notices import incident_key
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane
from tocsin.engine.scorer import Scorer

DEVICES = ("one", "two", "late", "spare", "mute")
PLAIN = make_artifact("rolling_zscore")


def watched(artifact: Artifact, **settings: object) -> Artifact:
    """Return the artifact with a policy that tells much: groups, merging, low grades, a device that is mute."""
    policy = replace(
        artifact.policy,
        raise_after=1,
        together_ns=40 * MINUTE,
        merge_within_ns=5 * MINUTE,
        grades=(1.1, 1.5),
        devices=(DeviceRule(pattern="mute", mute=True),),
        **settings,  # type: ignore[arg-type]  # of a policy, whichever
    )
    return replace(artifact, policy=policy)


@cache
def crowd(seed: int) -> Arrivals:
    """Return readings of five devices with silences, goodbyes, history and clocks that go wrong, by their arrival."""
    rng = np.random.default_rng(seed)
    readings = messy(160, devices=5, seed=seed)
    n = len(readings)
    arrived = np.where(readings.time == NEVER, NEVER, readings.time)
    arrived = np.maximum.accumulate(np.maximum(arrived, BEGIN)) - rng.integers(0, 3, n) * MINUTE
    arrived += np.cumsum((rng.random(n) < 0.01) * 25 * MINUTE)
    whole = arrivals_of(readings, DEVICES, arrived=arrived)
    return replace(whole, history=rng.random(n) < 0.02, bad=rng.random(whole.values.shape) < 0.01)


def duties(*, aligned: bool, forget: bool, allowance: int = 0) -> list[Duty]:
    """Return two duties of which one forgets soon and has room for two devices, and the other waits for stragglers."""
    one = watched(gathering(PLAIN) if aligned else PLAIN)
    usual = Duty(one, "usual", ("one", "two"), stale_after=Span(4), keep_every_ns=3 * MINUTE, allowance_ns=allowance)
    rest = Duty(one, "", ("*",), stale_after=Span(6), keep_every_ns=0, most_devices=2)
    return [usual, replace(rest, forget_after_ns=40 * MINUTE if forget else 0)]


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 5),
    cuts=st.lists(st.integers(0, 800), max_size=12),
    kills=st.sets(st.integers(1, 12), max_size=4),
    aligned=st.booleans(),
    forget=st.booleans(),
    allowance=st.sampled_from([0, 1, MINUTE, 4 * MINUTE]),
    pieces=st.booleans(),
)
def test_cuts_and_kills_change_nothing(
    seed: int, cuts: list[int], kills: set[int], aligned: bool, forget: bool, allowance: int, pieces: bool
) -> None:
    own, whole = duties(aligned=aligned, forget=forget, allowance=allowance), replace(crowd(seed), pieces=pieces)
    at_once, in_parts = lived(own, whole, []), lived(own, whole, cuts, kills=sorted(kills))
    assert told(at_once) == told(in_parts)
    assert kept(at_once) == kept(in_parts)
    assert {notice.what for notice in told(at_once).values()} == {"anomaly", "stale"}


def test_the_crowd_really_does_all_that_is_to_be_survived() -> None:
    news = [n for seed in range(6) for n in told(lived(duties(aligned=False, forget=True), crowd(seed), [])).values()]
    assert {n.kind for n in news if n.what == "anomaly"} == {"open", "update", "close"}
    assert {n.kind for n in news if n.what == "stale"} == {"open", "close"}
    assert any(n.group != n.id for n in news if n.duty == "usual")
    assert {n.duty for n in news} == {"", "usual"}
    assert not [n for n in news if n.device == "mute"]
    assert any(lived(duties(aligned=False, forget=True), crowd(0), [])[0].aside for seed in range(6))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 5), st.permutations(range(5)), st.integers(40, 200))
def test_lanes_know_nothing_of_one_another(seed: int, order: list[int], step: int) -> None:
    """Devices apart, each lane's news is the same whatever comes in other lanes, and in between."""
    whole, own = crowd(seed), duties(aligned=False, forget=False)
    shares = [np.flatnonzero(whole.device == device) for device in order]
    alone = [lived(own, _of(whole, rows), []) for rows in shares]
    lanes, together = [Lane(own) for _ in shares], [[] for _ in shares]  # type: ignore[var-annotated]  # of tidings
    for start in range(0, len(whole), step):
        for lane, rows, found in zip(lanes, shares, together, strict=True):
            found.append(lane.take(cut(_of(whole, rows), start, start + step)))
    assert [told(one) for one in alone] == [told(one) for one in together]


def _of(whole: Arrivals, rows: np.ndarray) -> Arrivals:
    return Arrivals(
        whole.devices, whole.channels, whole.device[rows], whole.time[rows], whole.values[rows], whole.arrived[rows]
    )


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 50), st.lists(st.integers(0, 1200), max_size=6), st.booleans())
def test_a_stream_says_what_a_file_says(seed: int, cuts: list[int], aligned: bool) -> None:
    artifact = gathering(PLAIN) if aligned else PLAIN
    readings, names = messy(seed=seed), DEVICES[:3]
    ahead = replace(artifact, clock=replace(artifact.clock, ahead_ns=1 << 62))
    whole = Scorer(ahead).run(readings, names)
    lane, found = Lane([Duty(ahead, keep_every_ns=0)]), []
    borders = sorted({0, len(readings), *cuts})
    for start, stop in pairwise(borders):
        found.append(lane.take(cut(arrivals_of(readings, names), start, stop)))
    found.append(lane.finish())
    events = {(incident_key(names[e.incident.device], e.incident.start), e.revision): e for e in whole.events}
    notices = told(found)
    assert notices.keys() == events.keys()
    for key, event in events.items():
        own = event.incident
        assert (notices[key].kind, notices[key].peak, notices[key].end) == (event.kind, own.peak, own.end)
        assert (notices[key].score, notices[key].limit) == (own.peak_score, own.peak_limit)
    expected = {
        ("", names[d], t): (repr(s), repr(limit), repr(status), repr(i))
        for d, t, s, limit, status, i in zip(
            *(getattr(whole, name).tolist() for name in ("device", "time", "score", "limit", "status", "incident")),
            strict=True,
        )
        if status < 3
    }
    assert kept(found) == expected


def test_state_is_written_by_the_page_and_only_what_changed() -> None:
    lane, whole = Lane([Duty(PLAIN)]), crowd(0)
    lane.take(cut(whole, 0, 100))
    first = lane.changed()
    assert set(first) == {"lane", "/page/0"}
    assert lane.changed().keys() == first.keys()
    lane.saved()
    assert lane.changed() == {}
    lane.tick(MINUTE)
    assert lane.changed() == {}
    assert parts_of(first).keys() == first.keys()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 5), st.lists(st.integers(1, 799), max_size=6), st.sets(st.integers(1, 6), max_size=3), st.data())
def test_goodbyes_and_shifts_come_at_the_same_place(
    seed: int, cuts: list[int], kills: set[int], drawn: st.DataObject
) -> None:
    """A stream in three blocks, between which stamps moved, and in which devices say goodbye."""
    whole, own = crowd(seed), duties(aligned=False, forget=True)
    thirds = [cut(whole, start, start + 270) for start in (0, 270, 540)]
    blocks = []
    for k, block in enumerate(thirds):
        rows = drawn.draw(st.lists(st.integers(0, len(block) - 1), max_size=3))
        gone = tuple((DEVICES[row % 3], int(np.maximum.accumulate(block.arrived)[row])) for row in rows)
        moved = 50 * k * MINUTE
        blocks.append(
            replace(
                block,
                arrived=block.arrived + moved,
                shift_ns=50 * MINUTE * (k > 0),
                gone=tuple((name, when + moved) for name, when in gone),
            )
        )
    parts = [part for block in blocks for part in _parts(block, cuts)]
    assert told(survived(own, blocks)) == told(survived(own, parts, kills=sorted(kills)))


def _parts(block: Arrivals, cuts: list[int]) -> list[Arrivals]:
    """Cut a block; a goodbye goes where it was said, and the shift stands at the beginning."""
    heard = np.maximum.accumulate(block.arrived)
    found, borders = [], sorted({0, len(block), *(k for k in cuts if k < len(block))})
    for start, stop in pairwise(borders):
        last = stop == len(block)
        gone = tuple(
            (name, when)
            for name, when in block.gone
            if (place := int(np.searchsorted(heard, when, side="right"))) >= start and (last or place < stop)
        )
        found.append(replace(block.take(slice(start, stop)), gone=gone, shift_ns=block.shift_ns * (start == 0)))
    return found
