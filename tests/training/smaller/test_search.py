"""The search keeps the smallest student that detects well enough, and tells all that it tried."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tocsin.core.errors import SettingError
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.smaller.search import search
from tocsin.training.smaller.teaching import Teaching

BEGIN = np.datetime64("2024-03-01", "ns")
QUICK = Teaching(budget=600, windows=1500, epochs=10, batch_size=32, learning_rate=5e-3)


def pump() -> Table:
    rng = np.random.default_rng(2)
    flow, heat = rng.normal(size=(2, 1200))
    time = BEGIN + np.arange(1200) * np.timedelta64(60, "s")
    return open_table(pl.DataFrame({"time": time, "flow": flow, "heat": flow + 0.2 * heat}))


@pytest.mark.slow
def test_the_smallest_that_is_enough_is_kept() -> None:
    table = pump()
    teacher = train(table, Recipe(detector="pca", window=4))
    found = search(teacher, table, within=0.2, students=("dense_small",), teaching=QUICK)
    assert found.kept is not None
    enough = [one for one in found.tried if one.enough]
    assert found.kept.parameters == min(one.parameters for one in enough) < QUICK.budget
    assert all(one.loss == pytest.approx(one.before - one.after) for one in found.tried)
    assert all((one.loss <= 0.2) == one.enough for one in found.tried)
    assert all(one.reading_us > 0 and one.noise > 0 for one in found.tried)
    # a student of a few weights cannot be as good: without such, nothing was looked for
    assert len(found.tried) > 2


@pytest.mark.slow
def test_none_is_kept_where_all_lose_too_much() -> None:
    table = pump()
    teacher = train(table, Recipe(detector="pca", window=4))
    brief = Teaching(budget=120, windows=200, epochs=1, learning_rate=1e-5)
    found = search(teacher, table, within=0.0, students=("dense_small",), teaching=brief)
    assert found.kept is None
    assert [one.enough for one in found.tried] == [False]


def test_what_cannot_be_borne_is_refused() -> None:
    table = pump()
    teacher = train(table, Recipe(detector="pca", window=4))
    with pytest.raises(SettingError, match="cannot be borne"):
        search(teacher, table, within=1.5, teaching=QUICK)
