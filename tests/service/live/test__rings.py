from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.frames import Frame
from tocsin.service.live._fleet import SPAN_NS, _slots
from tocsin.service.live._rings import POINTS, Rings

SECOND = 10**9
SLOT = SPAN_NS // POINTS[0]


def frame(time: list[int], score: list[float], devices: list[int] | None = None) -> tuple[Frame, IntArray]:
    n = len(time)
    places = np.array(devices or [0] * n, np.int64)
    names = tuple(f"d{k}" for k in range(int(places.max(initial=0)) + 1))
    made = Frame(
        "", "", False, ("c",), names, places, np.array(time, np.int64), np.array(score, np.float32)[:, None],
        np.array(score, np.float64), np.ones(n), np.zeros(n, np.uint8), np.full(n, -1),
    )  # fmt: skip
    return made, places


def rings(devices: int = 1) -> Rings:
    found = Rings(1, slots_of=_slots)
    found.grow(devices)
    return found


def test_points_are_read_in_order_of_time() -> None:
    own = rings(2)
    own.write(*frame([1 * SECOND, 1 * SECOND, 2 * SECOND], [0.1, 0.2, 0.3], [0, 1, 0]))
    assert own.read(0)["time"].tolist() == [SECOND, 2 * SECOND]
    assert own.read(1)["score"].tolist() == pytest.approx([0.2])
    assert own.read(0)["values"][:, 0].tolist() == pytest.approx([0.1, 0.3])


def test_of_a_stretch_the_worst_stays_whatever_comes_behind_it() -> None:
    own = rings()
    own.write(*frame([1, 2, 3], [0.5, 3.0, 0.4]))
    own.write(*frame([4, 5], [0.3, float("nan")]))
    assert own.read(0)["time"].tolist() == [2]
    own.write(*frame([6], [4.0]))
    assert own.read(0)["time"].tolist() == [6]
    assert own.worst(np.array([NEVER])).tolist() == [4.0]


def test_the_worst_is_that_of_the_time_asked_for() -> None:
    own = rings(2)
    own.write(*frame([SECOND, 9 * SECOND], [5.0, 2.0]))
    assert own.worst(np.array([0, 0])).tolist()[0] == 5.0
    assert own.worst(np.array([5 * SECOND, 0])).tolist()[0] == 2.0
    assert np.isnan(own.worst(np.array([0, 0]))[1])


def test_more_than_a_ring_holds_leaves_the_newest() -> None:
    own, many = rings(), POINTS[0] + 50
    own.write(*frame([k * SLOT for k in range(many)], [float(k) for k in range(many)]))
    assert own.read(0)["time"].tolist() == [k * SLOT for k in range(50, many)]
    own.write(*frame([many * SLOT], [0.0]))
    assert own.read(0)["time"].tolist()[-1] == many * SLOT
    assert len(own.read(0)["time"]) == POINTS[0]


def test_many_devices_have_fewer_points_each_the_newest_and_memory_is_bounded() -> None:
    own = rings()
    own.write(*frame([k * SLOT for k in range(900)], [float(k) for k in range(900)]))
    own.grow(20_000)
    assert own.points < 200
    assert own.bytes < 80 << 20
    kept = own.read(0)["time"].tolist()
    assert kept == [k * SLOT for k in range(900 - own.points, 900)]
    own.write(*frame([901 * SLOT, 901 * SLOT], [1.0, 1.0], [0, 19_999]))
    assert own.read(0)["time"].tolist() == [*kept[1:], 901 * SLOT]
    assert own.read(19_999)["time"].tolist() == [901 * SLOT]


def test_rings_that_stay_are_the_ones_that_were() -> None:
    own = rings(3)
    own.write(*frame([1, 2, 3], [1.0, 2.0, 3.0], [0, 1, 2]))
    own.keep(np.array([0, 2]))
    own.grow(3)
    assert [own.read(k)["time"].tolist() for k in range(3)] == [[1], [3], []]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.integers(0, 5)), max_size=60), st.integers(1, 60))
def test_it_does_not_matter_how_frames_are_cut(rows: list[tuple[int, int, int]], size: int) -> None:
    seen = dict.fromkeys(sorted((when * SLOT // 4, device) for device, when, _ in rows))
    ordered = [(when, device, float(rows[k % len(rows)][2])) for k, (when, device) in enumerate(seen)]
    whole, cut = rings(3), rings(3)
    for own, step in ((whole, max(len(ordered), 1)), (cut, size)):
        for start in range(0, len(ordered), step):
            part = ordered[start : start + step]
            own.write(*frame([one[0] for one in part], [one[2] for one in part], [one[1] for one in part]))
    for k in range(3):
        assert whole.read(k)["time"].tolist() == cut.read(k)["time"].tolist()
        assert whole.read(k)["score"].tolist() == cut.read(k)["score"].tolist()
