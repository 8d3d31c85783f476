from __future__ import annotations

import numpy as np

from tocsin.core.arrivals import Arrivals
from tocsin.core.joining import join


def test_flags_are_those_of_each_block() -> None:
    when = np.array([1])
    one = Arrivals(("a",), ("t",), np.array([0]), when, np.array([[2.0]]), when, bad=np.array([[True]]))
    two = Arrivals(("b",), ("t", "h"), np.array([0]), when, np.ones((1, 2)), when, history=np.array([True]))
    both = join([one, two])
    assert both.bad is not None
    assert both.bad.tolist() == [[True, False], [False, False]]
    assert both.history is not None
    assert both.history.tolist() == [False, True]
    assert both.device.tolist() == [0, 1]


def test_of_nothing_there_is_nothing() -> None:
    assert len(join([])) == 0
