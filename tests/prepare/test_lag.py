from __future__ import annotations

import numpy as np

from tocsin.prepare import parse


def test_each_lag_shows_the_value_of_so_many_readings_ago() -> None:
    series = np.array([[k, 10 * k] for k in range(6)], np.float32)
    found = parse(["lag:1,4"])
    assert found.reach == 4
    assert found(series)[4:].tolist() == [[4, 40, 3, 30, 0, 0], [5, 50, 4, 40, 1, 10]]
