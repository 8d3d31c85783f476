"""The alarm that never stops: after a lasting change, the adaptive threshold rings once, says why, and is quiet."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

import tocsin
from tocsin.core.alerts import Incident
from tocsin.core.arrays import FloatArray
from tocsin.engine.scorer import Scorer
from tocsin.sources import open_table
from tocsin.training.recipe import Recipe

LEARNED, WATCHED, CHANGE = 22_000, 6000, 1000
ADOPTED = 300
"""Scores after which a new level is taken for normal, by default."""

MINUTE = 60 * 10**9
START = np.datetime64("2026-03-01T00:00", "ns")


def pump(rows: int) -> FloatArray:
    """Return flow, current and pressure of a pump, a reading a minute: they follow one load that wanders."""
    random = np.random.default_rng(0)
    load = np.convolve(random.standard_normal(rows + 59), np.ones(60) / np.sqrt(60), "valid")
    away = random.standard_normal((rows, 3))
    return np.stack([40 + 6 * load, 12 + 2 * load, 5 - 0.7 * load], axis=1) + away * [1, 0.3, 0.1]


def table(values: FloatArray, *, first: int = 0) -> pl.DataFrame:
    time = pl.Series("time", START + (first + np.arange(len(values))) * np.timedelta64(MINUTE, "ns"))
    return pl.DataFrame(
        [time, *(pl.Series(name, values[:, k]) for k, name in enumerate(("flow", "current", "pressure")))]
    )


VALUES = pump(LEARNED + WATCHED)


def trained(threshold: str) -> Scorer:
    made = tocsin.fit(table(VALUES[:LEARNED]), Recipe(detector="pca", threshold=threshold))
    assert isinstance(made, Scorer)
    return made


@pytest.fixture(scope="module")
def adaptive() -> Scorer:
    return trained("adaptive:1e-3")


def watched(current: FloatArray | float) -> pl.DataFrame:
    """Return later readings in which the current is higher by some amperes from reading 1000 on."""
    values = VALUES[LEARNED:].copy()
    values[CHANGE:, 1] += current
    return table(values, first=LEARNED)


def row(time: int) -> int:
    """Return which of the later readings a time belongs to."""
    return (time - int(START.astype(np.int64))) // MINUTE - LEARNED


def incidents(scorer: Scorer, current: FloatArray | float) -> tuple[Incident, ...]:
    return tuple(scorer.judge(open_table(watched(current))).incidents)


def test_it_rings_once_tells_the_new_level_and_is_quiet_again(adaptive: Scorer) -> None:
    scored = adaptive.judge(open_table(watched(5.0)))
    (found,) = scored.incidents
    assert CHANGE <= row(found.start) < CHANGE + 10
    assert (found.regime, found.open) == ("adopted", False)
    kinds = [(event.kind, event.incident.regime) for event in scored.verdicts.events]
    graver = [news for news in kinds if news == ("update", "")]
    assert len(graver) <= 2, "an open incident can become graver twice"
    assert [news for news in kinds if news not in graver] == [("open", ""), ("update", "noticed"), ("close", "adopted")]
    told = np.flatnonzero(scored.verdicts.told)
    assert CHANGE + ADOPTED <= told[-1] + 1 < CHANGE + 2 * ADOPTED
    assert not scored.verdicts.anomaly[CHANGE + 2 * ADOPTED :].any()


def test_where_that_is_not_allowed_it_tells_the_new_level_and_stays_open() -> None:
    scored = trained("adaptive:1e-3,rebaseline=off").judge(open_table(watched(5.0)))
    (found,) = scored.incidents
    assert (found.regime, found.open) == ("noticed", True)
    events = [(event.kind, event.incident.regime) for event in scored.verdicts.events]
    graver = [news for news in events if news == ("update", "")]
    assert len(graver) <= 2, "an open incident can become graver twice"
    rest = [news for news in events if news not in graver]
    assert rest == [("open", ""), ("update", "noticed"), ("update", "noticed")], "told, and as it stands at the end"
    assert scored.verdicts.anomaly[CHANGE + 10 :].all()


def test_a_percentile_rings_for_ever() -> None:
    scored = trained("percentile:99.9").judge(open_table(watched(5.0)))
    (found,) = scored.incidents
    assert (found.regime, found.open) == ("", True)
    assert scored.verdicts.anomaly[CHANGE + 10 :].all()


MINUTES = np.arange(WATCHED - CHANGE, dtype=np.float64)


@pytest.mark.parametrize(
    "current",
    [5 + 0.01 * MINUTES, 8 * np.sin(2 * np.pi * MINUTES / 300), 8 + 4 * np.sin(2 * np.pi * MINUTES / 120)],
    ids=["climbs", "swings", "swings above"],
)
def test_a_fault_that_climbs_or_swings_is_never_taken_for_normal(adaptive: Scorer, current: FloatArray) -> None:
    found = incidents(adaptive, current)
    assert {incident.regime for incident in found} == {""}
    assert row(found[-1].end) > WATCHED - 400 or found[-1].open


def test_back_to_the_old_level_nothing_rings(adaptive: Scorer) -> None:
    (found,) = incidents(adaptive, np.where(MINUTES < 2500, 5.0, 0.0))
    assert found.regime == "adopted"
