"""Learning from labels: which windows are taken, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.errors import InputError
from tocsin.core.verdicts import Status
from tocsin.core.windows import Windows
from tocsin.detectors._labelled import chosen, labels_of
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe


@given(st.integers(1, 60), st.integers(1, 60), st.integers(2, 80), st.floats(0, 0.95), st.randoms())
def test_both_kinds_are_taken_within_bounds(strange: int, normal: int, most: int, share: float, order: Any) -> None:
    listed = [True] * strange + [False] * normal
    order.shuffle(listed)
    labels = np.array(listed)
    taken = chosen(labels, most=most, oversample=share, seed=0)
    different = np.unique(taken)
    assert len(different) == min(most, len(labels))
    assert (np.diff(taken) >= 0).all()
    anomalies, found = labels[different].sum(), labels[taken]
    assert anomalies >= min(strange, most // 2)
    assert 0 < anomalies < len(different)
    assert (~found).sum() == (~labels[different]).sum()
    assert found.mean() >= min(share, 1) - 0.5 / len(taken) or found.sum() == anomalies
    if share > anomalies / len(different):
        assert abs(found.sum() - share / (1 - share) * (~found).sum()) <= 0.5


def test_draws_follow_the_seed() -> None:
    labels = np.arange(100) % 10 == 0
    one, same, other = (chosen(labels, most=100, oversample=0.5, seed=seed).tolist() for seed in (1, 1, 2))
    assert one == same != other


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (None, "learns from labels, and the readings have none"),
        (np.zeros(9, np.bool_), "none of the 9 windows to learn from are labelled anomalous"),
        (np.ones(9, np.bool_), "all of the 9 windows"),
    ],
)
def test_labels_that_tell_nothing_apart_are_refused(labels: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        labels_of(Windows(np.zeros((9, 1), np.float32), np.arange(9), 1, labels=labels))
    assert told.value.remedy


def faulty(rows: int = 3000, *, first: int = 0) -> Table:
    """Return readings once a minute, with a shift of one channel every 50 readings from ``first`` on."""
    rng = np.random.default_rng(0)
    values = rng.standard_normal((rows, 2))
    label = (np.arange(rows) % 50 < 2) & (np.arange(rows) >= first)
    values[label, 0] += 4
    time = np.datetime64("2024-01-01", "ns") + np.arange(rows) * np.timedelta64(60, "s")
    return open_table(pl.DataFrame({"time": time, "a": values[:, 0], "b": values[:, 1], "label": label.astype(int)}))


@pytest.mark.parametrize("name", ["random_forest", "svm"])
def test_the_promised_rate_is_kept_on_later_normal_readings(name: str) -> None:
    table = faulty(12_000)
    artifact = train(table.only(np.arange(12_000) < 8_000), Recipe(detector=name))
    assert artifact.provenance.windows["calibration"] > 1000
    scored = Scorer(artifact).judge(table)
    later, labels = np.arange(12_000) >= 8_000, table.labels
    assert labels is not None
    flagged = scored.verdicts.anomaly
    assert flagged[later & ~labels].mean() < 0.012
    assert flagged[later & labels].mean() > 0.8
    ringing = flagged & (scored.verdicts.status == Status.ok)
    assert np.isfinite(scored.verdicts.severity[ringing]).all()


@pytest.mark.parametrize("name", ["random_forest", "svm"])
def test_a_training_part_without_anomalies_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"none of the \d+ windows to learn from are labelled anomalous") as told:
        train(faulty(1000, first=900), Recipe(detector=name))
    assert "earlier part" in told.value.remedy


@pytest.mark.parametrize("name", ["random_forest", "svm"])
def test_a_table_without_labels_is_refused(name: str) -> None:
    time = np.datetime64("2024-01-01", "ns") + np.arange(300) * np.timedelta64(60, "s")
    table = open_table(pl.DataFrame({"time": time, "a": np.random.default_rng(0).standard_normal(300)}))
    with pytest.raises(InputError, match="learns from labels, and the readings have none") as told:
        train(table, Recipe(detector=name))
    assert "--label" in told.value.remedy
