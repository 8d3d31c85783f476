from __future__ import annotations

import numpy as np
import pytest

from tocsin.sources.tables._sentinels import sentinels_in

ROOM = [20.0, 21.0, 22.5, 19.0]


@pytest.mark.parametrize("value", [-200.0, -999.0, -9999.0, 9999.0, 65535.0])
def test_repeated_and_far_outside(value: float) -> None:
    assert sentinels_in(np.array([*ROOM, value, value])) == (value,)


def test_two_sentinels_do_not_hide_each_other() -> None:
    assert set(sentinels_in(np.array([*ROOM, -999.0, -999.0, -9999.0, -9999.0]))) == {-999.0, -9999.0}


def test_a_negative_one_below_channels_that_are_never_negative() -> None:
    assert sentinels_in(np.array([2.0, 1479.0, 300.0, -200.0, -200.0])) == (-200.0,)


@pytest.mark.parametrize(
    "values",
    [
        [*ROOM, -200.0],
        [*ROOM, -201.0, -201.0],
        [-250.0, -200.0, -200.0, 100.0],
        [9000.0, 9999.0, 9999.0, 100.0],
        [-200.0, -200.0],
        [np.nan, np.nan],
    ],
)
def test_what_is_none(values: list[float]) -> None:
    assert sentinels_in(np.array(values)) == ()
