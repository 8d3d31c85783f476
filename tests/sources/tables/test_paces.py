from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.arrays import NEVER, BoolArray
from tocsin.sources.tables._paces import Paces, paces_of

N = 1_000


def paces(speaks: BoolArray) -> Paces:
    """The pace of one channel that ``speaks`` in some of the readings, one a second, beside one that does in all."""
    wide = np.stack([np.ones(len(speaks)), np.where(speaks, 1.0, np.nan)])
    time = np.arange(len(speaks)) * 10**9
    return paces_of(wide, time=time, order=None, starts=np.arange(len(speaks)) == 0)


def test_a_channel_with_a_slower_rate_of_its_own_is_not_hollow() -> None:
    found = paces(np.arange(N) % 6 == 0)
    assert (found.period_ns.tolist(), found.hollow.tolist()) == ([10**9, 6 * 10**9], [False, False])
    assert found.lost[1] == pytest.approx(5 / 6, abs=0.01)


@pytest.mark.parametrize(
    "speaks",
    [
        np.arange(N) < 100,
        np.random.default_rng(0).random(N) < 0.4,
        np.random.default_rng(0).random(N) < 0.1,
        np.arange(N) % 200 == 0,
        np.zeros(N, np.bool_),
    ],
    ids=["stops early", "two in five by chance", "one in ten by chance", "five values", "nothing"],
)
def test_a_channel_that_is_mostly_silent_is_hollow(speaks: BoolArray) -> None:
    found = paces(speaks)
    assert found.hollow.tolist() == [False, True]
    assert found.told().tolist() == found.kept().period_ns.tolist() == [10**9]


def test_steps_never_lead_from_one_device_to_another_or_from_an_unreadable_time() -> None:
    time = np.concatenate([[NEVER], np.arange(30) * 60, np.arange(30) * 60 + 7])
    wide = np.where(np.arange(61) % 2, 1.0, np.nan)[None]
    found = paces_of(wide, time=time, order=None, starts=np.isin(np.arange(61), [0, 31]))
    assert found.period_ns.tolist() == [120]
