"""The ring: statuses by hand, and the law of state."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.verdicts import Status
from tocsin.engine.ring import Filling, Framed, Recent, Ring
from tocsin.testing.stateful_checks import check_devices_apart

N = np.nan


def statuses(values: list[float], *, fresh: tuple[int, ...] = (), jump: tuple[int, ...] = ()) -> str:
    n = len(values)
    flags = [np.isin(np.arange(n), places)[None] for places in (fresh, jump)]
    ring = Ring(3, 1)
    _, out = ring.scan(ring.init(1), Filling(np.array(values)[None, :, None], *flags), np.ones((1, n), bool))
    return "".join(Status(code).name[0] for code in out.status[0])


def test_a_window_warms_up_then_is_ok() -> None:
    assert statuses([1, 2, 3, 4]) == "wwoo"


def test_a_missing_value_is_a_gap_until_it_has_left_the_window() -> None:
    assert statuses([1, 2, 3, N, 5, 6, 7]) == "wwogggo"


def test_a_long_pause_is_a_gap_and_a_longer_one_starts_anew() -> None:
    assert statuses([1, 2, 3, 4, 5, 6], jump=(3,)) == "wwoggo"
    assert statuses([1, 2, 3, 4, 5, 6], fresh=(3,)) == "wwowwo"


def test_what_float32_cannot_hold_is_a_gap() -> None:
    assert statuses([1, 2, 3, 1e300, 5]) == "wwogg"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 19))
def test_scan_equals_steps(seed: int, length: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    shape = (3, 20)
    values = np.where(rng.random((*shape, 2)) < 0.1, N, rng.normal(size=(*shape, 2)))
    block = Filling(values, rng.random(shape) < 0.05, rng.random(shape) < 0.05)
    valid = np.arange(20)[None] < rng.integers(0, 21, size=(3, 1))
    ring = Ring(length, 2)
    whole_state, whole = ring.scan(ring.init(3), block, valid)
    state, parts = ring.init(3), []
    for span in (slice(0, cut), slice(cut, 20)):
        piece = Filling(values[:, span], block.fresh[:, span], block.jump[:, span])
        state, out = ring.scan(state, piece, valid[:, span])
        parts.append(out)
    _same(whole_state, state)
    _same_frames(
        whole, Framed(*(np.concatenate([getattr(p, f) for p in parts], 1) for f in ("windows", "status"))), valid
    )
    state = ring.init(3)
    for k in range(20):
        for device in np.flatnonzero(valid[:, k]):
            own = Recent(*(getattr(state, f)[[device]] for f in ("window", "filled", "clean")))
            x = Filling(values[[device], k], block.fresh[[device], k], block.jump[[device], k])
            own, out = ring.step(own, x)
            for name in ("window", "filled", "clean"):
                getattr(state, name)[device] = getattr(own, name)[0]
            assert out.status[0] == whole.status[device, k]
            np.testing.assert_array_equal(out.windows[0], whole.windows[device, k])
    _same(whole_state, state)
    check_devices_apart(ring, block, valid)


def _same(one: Recent, other: Recent) -> None:
    for name in ("window", "filled", "clean"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def _same_frames(one: Framed, other: Framed, valid: np.ndarray) -> None:
    np.testing.assert_array_equal(one.status[valid], other.status[valid])
    np.testing.assert_array_equal(one.windows[valid], other.windows[valid])
