"""Half an hour of growing vibration before a failure is heard before the failure, by an LSTM autoencoder."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.engine.scorer import Scorer
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.machine import Machine

ROWS, LEARNED, RAMP = 18_000, 11_000, 30
RECIPE = Recipe(
    detector="lstm_autoencoder",
    settings={"hidden": (16, 4), "epochs": 25, "batch_size": 64, "learning_rate": 3e-3, "patience": 8},
)
"""A narrow waist: a wide one redraws a ramp as well as what it has learned, until the ramp is steep."""


def warnings_before_failures(seed: int) -> tuple[list[int | None], float]:
    """Return the minutes before each failure at which it was told (None if it was not), and false incidents a day.

    Of failures after the part that was learned from. A warning counts if its incident began within the ramp.
    """
    simulated = Machine(rows=ROWS, seed=seed, kinds=("failure_ramp",), anomaly_share=0.04).table()
    table = open_table(simulated)
    scored = Scorer(train(table.only(np.arange(ROWS) < LEARNED), RECIPE)).judge(table)
    label, time, told = simulated["label"].to_numpy(), table.readings.time, scored.verdicts.told
    leads: list[int | None] = []
    for start in np.flatnonzero(np.diff(label) == 1) + 1:
        if start >= LEARNED:
            rows = slice(start, start + RAMP)
            heard = np.flatnonzero(told[rows] & (scored.verdicts.incident[rows] >= time[start]))
            leads.append(RAMP - int(heard[0]) if len(heard) else None)
    begun = np.searchsorted(time, [incident.start for incident in scored.incidents])
    false = np.count_nonzero((begun >= LEARNED) & (label[np.minimum(begun, ROWS - 1)] == 0))
    return leads, false / ((ROWS - LEARNED) / 1440)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_most_ramps_are_told_minutes_before_the_failure(seed: int) -> None:
    leads, false_a_day = warnings_before_failures(seed)
    in_time = [lead for lead in leads if lead is not None]
    told = f"minutes before failure: {leads}, false incidents a day: {false_a_day:.1f}"
    assert len(leads) >= 5
    assert len(in_time) >= 0.8 * len(leads), told
    assert np.median(in_time) >= 5, told
    assert false_a_day < 2, told
