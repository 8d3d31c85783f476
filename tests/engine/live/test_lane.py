"""The lane: whom readings are for, what becomes of those that are for nobody, silence, and state that outlives it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.engine.conftest import BEGIN, MINUTE, calm, gathering, make_artifact
from tests.engine.live.streams import minute, parts_of, rows, stale, told

from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.span import Span
from tocsin.core.arrays import NEVER
from tocsin.core.arrivals import Arrivals
from tocsin.core.errors import ArtifactError
from tocsin.core.notices import Notice, incident_key
from tocsin.core.verdicts import Status
from tocsin.engine.live.duty import Duty
from tocsin.engine.live.lane import Lane

ARTIFACT = make_artifact("rolling_zscore")
FOREST = make_artifact("isolation_forest")
"""Finds what lasts strange as long as it lasts."""

STALE = Duty(ARTIFACT, stale_after=Span(3), keep_every_ns=0)


# who judges


def test_a_device_belongs_to_the_first_duty_that_it_fits() -> None:
    duties = [Duty(ARTIFACT, "pumps", ("pump-*",), keep_every_ns=0), Duty(ARTIFACT, "rest", keep_every_ns=0)]
    lane = Lane(duties)
    found = lane.take(rows([0, 0, 1, 1], ["pump-1", "fan", "pump-1", "fan"]))
    assert {(kept.duty, *kept.devices) for kept in found.kept} == {("pumps", "pump-1"), ("rest", "fan")}
    assert (lane.devices, found.readings, found.aside) == (2, 4, 0)


def test_readings_of_nobodys_device_are_put_aside_counted_and_told_once_an_hour() -> None:
    lane = Lane([Duty(ARTIFACT, devices=("pump-*",))])
    first = lane.take(rows([0, 1, 2, 3], ["fan", "pump-1", "fan", "fan"]))
    assert (first.readings, first.aside, [letter.origin for letter in first.dead]) == (1, 3, ["fan"])
    assert "Nothing is to be done" in first.dead[0].reason
    assert b'"a": ' in first.dead[0].payload
    later = lane.take(rows([4, 64], ["fan", "fan"]))
    assert (later.aside, len(later.dead)) == (2, 1)


def test_a_flood_of_names_finds_no_more_room_than_there_is() -> None:
    lane = Lane([Duty(ARTIFACT, most_devices=3)])
    found = lane.take(rows([0] * 500, [f"pump-{k}" for k in range(500)]))
    assert (lane.devices, found.readings, found.aside) == (3, 3, 497)
    assert len(found.dead) == 64
    assert "most_devices" in found.dead[0].reason
    assert lane.take(rows([1], ["pump-2"])).readings == 1


@pytest.mark.parametrize("name", ["", "x" * 501, "\ud800"])
def test_a_device_without_a_name_to_write_down_is_put_aside(name: str) -> None:
    lane = Lane([STALE])
    found = lane.take(rows([0, 1, 2], [name, "pump-1", name]))
    assert (found.readings, found.aside, [letter.origin for letter in found.dead]) == (1, 2, [name[:200]])
    assert lane.tick(10 * MINUTE).notices[0].device == "pump-1"
    assert Lane([STALE], parts=parts_of(lane.changed())).devices == 1


@pytest.mark.parametrize("name", ["a/b/c", "page/0", "\x00", "🔥", " ", "x" * 500, "[room]*", "\n"])
def test_a_device_may_be_called_anything_else(name: str) -> None:
    lane = Lane([replace(STALE, name="a/page")])
    lane.take(rows([0, 1], [name, name]))
    again = Lane([replace(STALE, name="a/page")], parts=parts_of(lane.changed()))
    assert again.take(rows([9], [name])).notices[-1].device == name
    assert again.devices == 1


def test_channels_are_found_by_name_and_those_that_did_not_come_are_missing() -> None:
    values = calm(40)
    wide = np.column_stack([values[:, 1], np.full(40, 7.0), values[:, 0]])
    one = Lane([STALE]).take(rows(list(range(40)), values=values))
    other = Lane([STALE]).take(rows(list(range(40)), values=wide, channels=("b", "other", "a")))
    np.testing.assert_array_equal(one.kept[0].score, other.kept[0].score)
    half = Lane([STALE]).take(rows(list(range(40)), values=values[:, :1], channels=("a",)))
    assert half.statuses == {"warming": 11, "gap": 29}


def test_readings_without_any_of_the_channels_are_put_aside() -> None:
    both = np.array([[20.0, 50.0, np.nan], [np.nan, np.nan, 7.0], [np.nan, np.nan, np.nan]])
    found = Lane([STALE]).take(rows([0, 1, 2], values=both, channels=("a", "b", "uptime")))
    assert (found.readings, found.aside) == (2, 1)
    assert "none of the channels" in found.dead[0].reason
    only = Lane([STALE]).take(rows([0, 1], values=np.ones((2, 1)), channels=("uptime",)))
    assert (only.readings, only.aside) == (0, 2)


def test_a_device_of_which_nothing_can_be_judged_takes_no_room() -> None:
    lane = Lane([replace(STALE, most_devices=1)])
    lane.take(rows([0], ["stranger"], values=np.ones((1, 1)), channels=("uptime",)))
    assert lane.devices == 0
    mixed = np.array([[np.nan, np.nan, 7.0], [20.0, 50.0, np.nan], [np.nan, np.nan, 7.0]])
    found = lane.take(rows([1, 2, 3], values=mixed, channels=("a", "b", "uptime")))
    assert (lane.devices, found.readings, found.aside) == (1, 1, 2)


def test_what_the_table_wrote_for_missing_is_missing() -> None:
    own = replace(ARTIFACT, layout=replace(ARTIFACT.layout, sentinels=(("b", -200.0),)))
    values = calm(40)
    values[20, 1] = -200.0
    missing = np.where(values == -200.0, np.nan, values)
    one = Lane([replace(STALE, artifact=own)]).take(rows(list(range(40)), values=values))
    other = Lane([STALE]).take(rows(list(range(40)), values=missing))
    np.testing.assert_array_equal(one.kept[0].score, other.kept[0].score)


def test_history_is_counted_as_late_and_not_judged() -> None:
    whole = rows(list(range(40)))
    marked = replace(whole, history=np.arange(40) == 30)
    found = Lane([STALE]).take(marked)
    assert found.statuses == {"warming": 11, "ok": 28, "late": 1}
    assert len(found.kept[0]) == 39
    assert BEGIN + 30 * MINUTE not in found.kept[0].time


def test_where_rows_are_the_clock_readings_are_numbered_device_by_device() -> None:
    clock = replace(ARTIFACT.clock, period_ns=1)
    counted = replace(ARTIFACT, clock=clock, provenance=replace(ARTIFACT.provenance, row_clock=True))
    lane = Lane([Duty(counted, keep_every_ns=0, stale_after=Span(1, 5 * MINUTE))])
    first = lane.take(rows([5, 5, 5, 5], ["x", "y", "x", "x"]))
    lane = Lane([Duty(counted, keep_every_ns=0, stale_after=Span(1, 5 * MINUTE))], parts=parts_of(lane.changed()))
    second = lane.take(rows([5, 9], ["y", "x"]))
    assert sorted(zip(first.kept[0].device.tolist(), first.kept[0].time.tolist(), strict=True)) == [
        (0, 0),
        (0, 1),
        (0, 2),
        (1, 0),
    ]
    found = {(second.kept[0].devices[d], t) for d, t in zip(second.kept[0].device, second.kept[0].time, strict=True)}
    assert found == {("y", 1), ("x", 3)}
    assert stale(lane.take(rows([11], ["x"]))) == [("open", "y", 5, 10, 10)]


def test_pieces_of_readings_that_have_no_time_cannot_be_put_together() -> None:
    counted = replace(ARTIFACT, provenance=replace(ARTIFACT.provenance, row_clock=True))
    found = Lane([Duty(counted), Duty(ARTIFACT, "rest")]).take(replace(rows([0, 1, 2]), pieces=True))
    assert (found.readings, found.aside) == (0, 3)
    assert "one by one" in found.dead[0].reason


# silence


def test_a_silent_device_is_told_when_anybody_is_heard_later() -> None:
    lane = Lane([STALE])
    assert stale(lane.take(rows([0, 0, 1, 1], ["x", "y", "x", "y"]))) == []
    assert stale(lane.take(rows([2, 3, 4], ["y"] * 3))) == []
    found = lane.take(rows([5], ["y"]))
    assert stale(found) == [("open", "x", 1, 4, 4)]
    assert (found.statuses["stale"], found.pinned) == (1, False)
    row = next(kept for kept in found.kept if kept.status[0] == Status.stale)
    assert (row.devices, minute(int(row.incident[0]))) == (("x",), 1)
    back = lane.take(rows([9], ["x"]))
    assert stale(back)[0] == ("close", "x", 1, 4, 9)
    first, last = found.notices[0], back.notices[0]
    assert (first.id, first.revision, last.id, last.revision) == (first.id, 0, first.id, 1)
    assert first.id == incident_key("x", BEGIN + MINUTE, what="stale")
    assert (first.score, first.limit, last.score) == (180.0, 180.0, 480.0)


def test_a_tick_tells_what_the_next_arrival_would_have_told_and_is_pinned() -> None:
    ticked, waited = Lane([STALE]), Lane([STALE])
    for lane in (ticked, waited):
        lane.take(rows([0, 1]))
    early, late = ticked.tick(3 * MINUTE), ticked.tick(3 * MINUTE + 1)
    assert (early.notices, early.pinned, late.pinned) == ((), False, True)
    assert ticked.tick(9 * MINUTE).notices == ()
    one, other = ticked.take(rows([10])), waited.take(rows([10]))
    assert (*late.notices, *one.notices) == other.notices
    assert stale(other) == [("open", "pump-1", 1, 4, 4), ("close", "pump-1", 1, 4, 10)]


def test_time_that_passed_without_the_devices_fault_is_no_silence() -> None:
    lane = Lane([STALE])
    lane.take(rows([0, 1]))
    found = lane.take(replace(rows([30]), shift_ns=28 * MINUTE))
    assert (stale(found), found.pinned) == ([], True)
    back = lane.take(replace(rows([31], heard=[-60]), shift_ns=-91 * MINUTE))
    assert stale(back) == []
    assert stale(lane.take(rows([36], heard=[-55]))) == [
        ("open", "pump-1", 31, -57, -57),
        ("close", "pump-1", 31, -57, -55),
    ]


def test_a_goodbye_is_a_silence_at_once_unless_the_device_was_heard_since() -> None:
    lane = Lane([STALE])
    lane.take(rows([0, 1]))
    gone = Arrivals.none()
    late = lane.take(replace(gone, gone=(("pump-1", BEGIN),)))
    assert stale(late) == []
    found = lane.take(replace(gone, gone=(("pump-1", BEGIN + 2 * MINUTE), ("never seen", BEGIN))))
    assert stale(found) == [("open", "pump-1", 1, 2, 2)]
    assert stale(lane.take(replace(rows([3, 4]), gone=(("pump-1", BEGIN + 3 * MINUTE),)))) == [
        ("close", "pump-1", 1, 2, 3),
        ("open", "pump-1", 3, 3, 3),
        ("close", "pump-1", 3, 3, 4),
    ]


def test_a_device_that_stops_its_clock_may_fall_silent_twice() -> None:
    lane = Lane([STALE])
    found = [lane.take(rows([1], heard=[heard])) for heard in (1, 10, 20)]
    notices = [notice for tidings in found for notice in tidings.notices if notice.what == "stale"]
    assert [(notice.kind, notice.revision) for notice in notices] == [
        ("open", 0),
        ("close", 1),
        ("open", 2),
        ("close", 3),
    ]
    assert len({notice.id for notice in notices}) == 1


def test_a_device_whose_clock_starts_over_gives_no_silence_an_earlier_one_s_name() -> None:
    lane = Lane([STALE])
    told: list[Notice] = []
    for readings, begin in ((3, 100), (4, 200), (3, 300), (2, 400)):
        told += lane.take(rows(list(range(readings)), heard=[begin + k for k in range(readings)])).notices
        told += lane.tick(10 * MINUTE).notices
    names = [(notice.id, notice.revision) for notice in told if notice.what == "stale"]
    assert len(set(names)) == len(names) == 7
    assert [minute(notice.start) for notice in told if notice.kind == "open"] == [2, 3, 302, 401]


def test_of_a_mute_device_and_of_a_duty_that_never_asks_no_silence_is_told() -> None:
    mute = replace(ARTIFACT, policy=replace(ARTIFACT.policy, devices=(DeviceRule(pattern="x", mute=True),)))
    for duty in (replace(STALE, artifact=mute), Duty(ARTIFACT)):
        lane = Lane([duty])
        lane.take(rows([0, 0, 1], ["x", "y", "y"]))
        assert [notice.device for notice in lane.take(rows([9], ["y"])).notices] == (
            ["y"] * 2 if duty.silence_ns else []
        )


def test_forgotten_devices_make_room_and_what_was_open_is_over() -> None:
    values = calm(60)
    values[50:] += 30
    lane = Lane([replace(STALE, artifact=FOREST, most_devices=2, forget_after_ns=60 * MINUTE)])
    lane.take(rows(list(range(60)), values=values))
    lane.take(rows([61], ["y"]))
    full = lane.take(rows([62], ["z"]))
    assert (full.aside, lane.devices) == (1, 2)
    found = lane.take(rows([120], ["z"]))
    last = {notice.what: notice for notice in found.notices if notice.device == "pump-1"}
    assert (last["anomaly"].kind, last["stale"].kind) == ("close", "close")
    assert not last["anomaly"].open
    assert minute(last["stale"].end) == 119
    assert (found.aside, lane.devices) == (0, 2)
    back = lane.take(rows([200]))
    assert (back.readings, lane.devices) == (1, 1)


# readings that wait


def test_within_the_allowance_readings_are_put_in_order_and_beyond_it_they_are_late() -> None:
    order = [*range(20), 21, 20, 22, 23, 24, 25, 10, 26, 27, 28, 29, 30]
    heard = np.linspace(0, 31, len(order)).tolist()
    values = calm(60)[order]
    lane = Lane([replace(STALE, allowance_ns=2 * MINUTE, stale_after=None)])
    whole = lane.take(rows([float(k) for k in order], values=values, heard=heard)), lane.finish()
    counted = {name: sum(t.statuses.get(name, 0) for t in whole) for name in ("ok", "late", "warming")}
    assert counted == {"ok": 20, "late": 1, "warming": 11}
    plain = Lane([STALE]).take(rows([float(k) for k in range(31)], values=calm(60)[:31]))
    streamed = dict(zip(*(np.concatenate([getattr(k, c) for t in whole for k in t.kept]).tolist() for c in ("time", "score")), strict=True))  # fmt: skip  # noqa: E501
    expected = dict(zip(plain.kept[0].time.tolist(), plain.kept[0].score.tolist(), strict=True))
    assert str(streamed) == str(expected)


def test_channels_that_come_one_by_one_are_one_reading() -> None:
    values = calm(40)
    minutes = [k + shift for k in range(40) for shift in (0.0, 0.01)]
    parts = np.full((80, 2), np.nan)
    parts[0::2, 0], parts[1::2, 1] = values[:, 0], values[:, 1]
    parts[-1] = np.nan
    lane = Lane([STALE])
    first = lane.take(replace(rows(minutes, values=parts), pieces=True))
    assert sum(first.statuses.values()) == 39
    last = lane.tick(3 * 10**9)
    assert (sum(last.statuses.values()), last.pinned) == (1, True)
    values[-1, 1] = np.nan
    whole = Lane([STALE]).take(rows([float(k) for k in range(40)], values=values))
    np.testing.assert_array_equal(np.concatenate([first.kept[0].score, last.kept[0].score]), whole.kept[0].score)


# what is told, and kept


def test_devices_that_ring_together_bear_the_name_of_the_first() -> None:
    policy = replace(FOREST.policy, raise_after=3, together_ns=2 * MINUTE)
    lane = Lane([Duty(replace(FOREST, policy=policy))])
    values = np.repeat(calm(40), 3, axis=0)
    values[3 * 30 + 1 :: 3] += 30
    values[3 * 31 :: 3] += 30
    values[3 * 36 + 2 :: 3] += 30
    found = lane.take(rows([k // 3 for k in range(120)], ["x", "y", "z"] * 40, values=values))
    opened = {notice.device: notice for notice in found.notices if notice.kind == "open"}
    assert opened["x"].group == opened["y"].group == opened["y"].id
    assert opened["z"].group == opened["z"].id


def test_of_ordinary_verdicts_one_is_kept_in_each_stretch_and_all_that_are_special() -> None:
    values = calm(100)
    values[70:73] += 30
    found = Lane([replace(STALE, keep_every_ns=10 * MINUTE)]).take(rows(list(range(100)), values=values)).kept[0]
    ordinary = (found.status == Status.ok) & ~(found.score > found.limit) & (found.incident == NEVER)
    assert set(np.diff(found.time[ordinary & (found.time < BEGIN + 65 * MINUTE)]) // MINUTE) == {10}
    everything = Lane([STALE]).take(rows(list(range(100)), values=values)).kept[0]
    special = ~((everything.status == Status.ok) & ~(everything.score > everything.limit)) | (
        everything.incident != NEVER
    )
    assert set(everything.time[special].tolist()) <= set(found.time.tolist())
    assert 0 < special.sum() < len(found) < 40


def test_an_incident_becomes_a_notice_with_names() -> None:
    values = calm(60)
    values[50:, 1] += 30
    found = Lane([Duty(FOREST, "rooms")]).take(rows(list(range(60)), values=values))
    first = found.notices[0]
    assert (first.duty, first.device, first.what, first.open) == ("rooms", "pump-1", "anomaly", True)
    assert {name for name, _ in first.causes} == {"a", "b"}
    assert first.causes[0][1] > first.causes[1][1]
    assert sum(share for _, share in first.causes) == pytest.approx(1)
    assert first.id == incident_key("pump-1", first.start, duty="rooms") == first.group
    assert (first.kind, first.grade, len(first.artifact)) == ("open", "minor", 12)


# state


def test_a_damaged_part_is_told() -> None:
    lane = Lane([STALE])
    lane.take(rows([0, 1]))
    parts = parts_of(lane.changed())
    with pytest.raises(ArtifactError, match="damaged"):
        Lane([STALE], parts=parts | {"/page/0": parts["/page/0"][:-1]})


def test_a_lane_of_which_nothing_is_known_has_nothing_to_say() -> None:
    lane = Lane([STALE])
    assert (lane.devices, lane.newest) == (0, 0)
    for found in (lane.take(Arrivals.none()), lane.tick(10**18), lane.finish()):
        assert (found.notices, found.readings, found.pinned) == ((), 0, False)


def test_a_grid_is_filled_at_the_end_of_a_file() -> None:
    lane = Lane([Duty(gathering(ARTIFACT), keep_every_ns=0)])
    first, last = lane.take(rows(list(range(30)))), lane.finish()
    assert (sum(first.statuses.values()), sum(last.statuses.values())) == (29, 1)
    news: dict[tuple[str, int], Notice] = told([first, last])
    assert news == {}


def test_the_end_of_a_file_is_told_once_until_it_has_grown() -> None:
    values = calm(80)
    values[50:] += 30
    lane = Lane([Duty(FOREST)])
    lane.take(rows(list(range(60)), values=values[:60]))
    assert [notice.kind for notice in lane.finish().notices] == ["update"]
    again = Lane([Duty(FOREST)], parts=parts_of(lane.changed()))
    assert again.finish().notices == ()
    assert again.take(rows(list(range(60, 80)), values=values[60:])).notices == ()
    assert [notice.kind for notice in again.finish().notices] == ["update"]
