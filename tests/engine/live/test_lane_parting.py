"""A lane whose duties are others than before: what is still known, and what is over."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from tests.engine.conftest import BEGIN, MINUTE, calm, make_artifact
from tests.engine.live.streams import minute, parts_of, rows, stale

from tocsin.alerting.span import Span
from tocsin.artifact.artifact import Artifact
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane

ARTIFACT = make_artifact("rolling_zscore")
FOREST = make_artifact("isolation_forest")
STALE = Duty(ARTIFACT, stale_after=Span(3), keep_every_ns=0)


def test_another_artifact_starts_anew_says_so_and_ends_what_was_open(caplog: pytest.LogCaptureFixture) -> None:
    values = calm(60)
    values[50:] += 30
    lane = Lane([replace(STALE, artifact=FOREST)])
    before = lane.take(rows(list(range(60)), values=values))
    other: Artifact = replace(FOREST, policy=replace(FOREST.policy, raise_after=2))
    with caplog.at_level(logging.WARNING):
        again = Lane([replace(STALE, artifact=other)], parts=parts_of(lane.changed()))
    assert ["another artifact" in record.getMessage() for record in caplog.records] == [True]
    found = again.take(rows([60]))
    assert found.readings == 1
    opened, closed = before.notices[-1], found.notices[0]
    assert (closed.kind, closed.id, closed.revision) == ("close", opened.id, opened.revision + 1)
    assert (closed.start, closed.end, closed.causes) == (opened.start, BEGIN + 59 * MINUTE, ())
    assert set(again.changed()) == {"lane", "/head", "/page/0"} & {*again.changed()}


def test_an_artifact_that_took_over_is_no_other_at_the_next_start(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever was not written since: what its own incidents are is known, and none is over because of a restart."""
    other = replace(STALE, artifact=replace(FOREST, policy=replace(FOREST.policy, raise_after=2)))
    waiting = replace(other, allowance_ns=MINUTE)
    for now in (other, waiting):
        lane = Lane([replace(now, artifact=FOREST)])
        lane.take(rows(list(range(30)), values=calm(30)))
        kept = parts_of(lane.changed())
        taken = Lane([now], parts=kept)
        kept |= parts_of(taken.changed())
        caplog.clear()
        Lane([now], parts=kept)
        assert caplog.records == []


def test_silence_outlives_another_artifact() -> None:
    lane = Lane([STALE])
    lane.take(rows([0, 1]))
    other = replace(ARTIFACT, policy=replace(ARTIFACT.policy, raise_after=2))
    again = Lane([replace(STALE, artifact=other)], parts=parts_of(lane.changed()))
    assert stale(again.take(rows([9]))) == [("open", "pump-1", 1, 4, 4), ("close", "pump-1", 1, 4, 9)]


def test_a_device_that_is_another_duty_s_by_now_is_handed_over() -> None:
    values = calm(60)
    values[50:] += 30
    before = [Duty(FOREST, "a", ("*",)), Duty(FOREST, "b", ("nobody",))]
    lane = Lane(before)
    opened = lane.take(rows(list(range(60)), values=values)).notices[-1]
    after = [replace(before[0], devices=("fan",)), replace(before[1], devices=("pump-*",))]
    again = Lane(after, parts=parts_of(lane.changed()))
    found = again.take(rows([60]))
    assert (found.notices[0].id, found.notices[0].kind) == (opened.id, "close")
    assert [(kept.duty, *kept.devices) for kept in found.kept] in ([], [("b", "pump-1")])
    assert (again.devices, again.changed()["a/page/0"]) == (1, None)


def test_who_is_handed_over_silent_was_silent_as_long_as_it_was_seen() -> None:
    before = [replace(STALE, name="a"), replace(STALE, name="b", devices=("nobody",))]
    lane = Lane(before)
    lane.take(rows([0, 1]))
    (opened,) = lane.tick(10 * MINUTE).notices
    after = [replace(before[0], devices=("fan",)), replace(before[1], devices=("pump-*",))]
    (closed,) = Lane(after, parts=parts_of(lane.changed())).tick(0).notices
    assert (closed.id, closed.kind, closed.end) == (opened.id, "close", opened.end)


def test_readings_that_wait_are_judged_before_their_device_is_handed_over() -> None:
    before = [replace(STALE, name="a", allowance_ns=5 * MINUTE), replace(STALE, name="b", devices=("nobody",))]
    lane = Lane(before)
    assert lane.take(rows([0, 1])).statuses == {}
    after = [replace(before[0], devices=("fan",)), replace(before[1], devices=("pump-*",))]
    found = Lane(after, parts=parts_of(lane.changed())).take(rows([2, 20], ["fan", "fan"]))
    judged = {(kept.duty, *kept.devices, *map(minute, kept.time.tolist()[:2])) for kept in found.kept}
    assert {("a", "fan", 2), ("a", "pump-1", 0, 1)} < judged


def test_readings_that_wait_outlive_another_artifact_of_the_same_channels() -> None:
    lane = Lane([replace(STALE, allowance_ns=5 * MINUTE)])
    lane.take(rows([0, 1]))
    other = replace(ARTIFACT, policy=replace(ARTIFACT.policy, raise_after=2))
    again = Lane([replace(STALE, artifact=other, allowance_ns=5 * MINUTE)], parts=parts_of(lane.changed()))
    assert again.tick(10 * MINUTE).statuses["warming"] == 2


def test_what_a_duty_that_is_gone_left_open_is_over() -> None:
    values = calm(60)
    values[50:] += 30
    lane = Lane([replace(STALE, artifact=FOREST, name="old")])
    told = lane.take(rows(list(range(60)), values=values)).notices + lane.tick(10 * MINUTE).notices
    parts = parts_of(lane.changed())
    again = Lane([replace(STALE, artifact=FOREST, name="new")], parts=parts, going=told)
    over = again.tick(0)
    assert over.pinned
    assert [(n.id, n.kind, n.revision, n.open) for n in over.notices] == [(n.id, "close", 1, False) for n in told]
    kept = Lane([replace(STALE, artifact=FOREST, name="old")], parts=parts, going=told)
    assert kept.tick(0).notices == ()


def test_what_an_artifact_told_after_it_was_last_written_is_over_once_it_is_replaced() -> None:
    values = calm(60)
    values[50:] += 30
    lane = Lane([Duty(FOREST)])
    lane.take(rows(list(range(49)), values=values[:49]))
    parts = parts_of(lane.changed())
    told = lane.take(rows(list(range(49, 60)), values=values[49:])).notices
    other: Artifact = replace(FOREST, policy=replace(FOREST.policy, raise_after=2))
    (over,) = Lane([Duty(other)], parts=parts, going=told).tick(0).notices
    assert (over.id, over.kind, over.revision) == (told[0].id, "close", 1)
    both = Lane([Duty(other)], parts=parts_of(lane.changed()), going=told)
    assert [notice.id for notice in both.tick(0).notices] == [told[0].id]


def test_parts_of_a_duty_that_is_gone_go_too() -> None:
    lane = Lane([Duty(ARTIFACT, "old"), Duty(ARTIFACT, "kept", ())])
    lane.take(rows([0]))
    again = Lane([Duty(ARTIFACT, "kept")], parts=parts_of(lane.changed()))
    assert again.changed() == {"old/page/0": None}


def test_a_silence_that_nobody_asks_for_any_more_is_over() -> None:
    lane = Lane([STALE])
    lane.take(rows([0, 1]))
    (opened,) = lane.tick(10 * MINUTE).notices
    again = Lane([replace(STALE, stale_after=None)], parts=parts_of(lane.changed()))
    (closed,) = again.tick(0).notices
    assert (closed.id, closed.revision, closed.kind, closed.grade) == (opened.id, 1, "close", "minor")
    assert (closed.end, closed.score, closed.limit) == (opened.end, 180, 180)
    assert again.take(rows([30])).notices == ()


def test_an_end_follows_what_was_told_after_the_lane_was_last_written() -> None:
    """With an older revision it would be taken for known, and the incident would never end."""
    values = calm(60)
    values[50:] += 30
    lane = Lane([Duty(FOREST)])
    opened = lane.take(rows(list(range(60)), values=values)).notices[-1]
    worse = replace(opened, revision=opened.revision + 1, kind="update", grade="critical")
    other: Artifact = replace(FOREST, policy=replace(FOREST.policy, raise_after=2))
    (over,) = Lane([Duty(other)], parts=parts_of(lane.changed()), going=[worse]).tick(0).notices
    assert (over.id, over.kind, over.revision, over.grade) == (opened.id, "close", worse.revision + 1, "critical")


def test_a_silence_told_after_the_lane_was_last_written_is_over_once_nobody_asks_for_it() -> None:
    lane = Lane([STALE])
    lane.take(rows([0, 1]))
    parts = parts_of(lane.changed())
    told = lane.tick(10 * MINUTE).notices
    (over,) = Lane([replace(STALE, stale_after=None)], parts=parts, going=told).tick(0).notices
    assert (over.id, over.kind, over.revision) == (told[0].id, "close", 1)
    assert Lane([STALE], parts=parts, going=told).tick(0).notices == ()
