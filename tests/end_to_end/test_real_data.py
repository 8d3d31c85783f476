"""Real tables, as they were published: ``fit`` and ``score`` without a single flag about how to read them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
import pytest

import tocsin
from tocsin.core.verdicts import Status
from tocsin.engine.scored import Scored
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table, open_table, write_table
from tocsin.training.recipe import Recipe

FOREST = Recipe(detector="isolation_forest", settings={"trees": 50})
ZSCORE = Recipe(detector="rolling_zscore")
NETWORK = Recipe(detector="lstm_autoencoder", settings={"epochs": 2, "hidden": (16, 8)})


class Case(NamedTuple):
    """A file, what learns from it, and how many readings get which status."""

    file: str
    recipe: Recipe
    status: dict[str, int]


CASES = {
    "NAB machine temperature": Case(
        "nab/data/realKnownCause/machine_temperature_system_failure.csv",
        ZSCORE,
        {"ok": 22_564, "warming": 119, "late": 12},
    ),
    "SKAB": Case("skab/data/valve1/1.csv", NETWORK, {}),
    "occupancy": Case("occupancy/datatraining.txt", FOREST, {"ok": 8_143}),
    "AirQuality": Case("airquality_uci/AirQuality.csv", FOREST, {"ok": 7_508, "gap": 1_849}),
    "IMS bearings": Case("ims_bearing/merged_dataset_BearingTest_2.csv", ZSCORE, {"ok": 865, "warming": 119}),
    "TON_IoT fridge": Case("ton_iot/Train_Test_IoT_Fridge.csv", NETWORK, {}),
    "TON_IoT weather": Case("ton_iot/Train_Test_IoT_Weather.csv", FOREST, {}),
    "WSN": Case("wsn_singlehop/data/data.csv", ZSCORE, {"ok": 18_438, "warming": 476}),
}


def counts(scored: Scored) -> dict[str, int]:
    found = np.bincount(scored.verdicts.status, minlength=len(Status))
    return {status.name: int(found[status]) for status in Status if found[status]}


def judged(path: Path, recipe: Recipe) -> tuple[Table, Scored]:
    scorer = tocsin.fit(path, recipe)
    table = open_table(path, expect=scorer.artifact.layout)
    return table, scorer.judge(table)


def ranked(score: np.ndarray, flags: np.ndarray) -> float:
    """Return the probability that a flagged reading scores higher than another (the area under the ROC curve)."""
    order = np.argsort(np.argsort(score)) + 1.0
    flagged = flags.sum()
    return float((order[flags].sum() - flagged * (flagged + 1) / 2) / (flagged * (~flags).sum()))


@pytest.mark.parametrize("name", CASES)
def test_fit_and_score_without_flags(name: str, shared_data: Path, tmp_path: Path) -> None:
    case = CASES[name]
    table, scored = judged(shared_data / case.file, case.recipe)
    found, verdicts = counts(scored), scored.verdicts
    assert sum(found.values()) == len(table)
    assert not case.status or found == case.status
    assert (np.isfinite(verdicts.score) == (verdicts.status == Status.ok)).all()
    assert (np.isfinite(verdicts.limit) == (verdicts.status == Status.ok)).all()
    assert verdicts.anomaly.mean() < 0.25
    write_table(tmp_path / "scored.csv", table.columns, scored.columns(), separator=table.layout.separator)
    with (tmp_path / "scored.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == len(table.columns) + 1


def test_skab_scores_its_anomalous_part_higher(shared_data: Path) -> None:
    table, scored = judged(shared_data / "skab/data/valve1/1.csv", FOREST)
    assert table.labels is not None
    assert ranked(scored.verdicts.score, table.labels) > 0.8


def test_ims_bearing_fails_in_its_last_day(shared_data: Path) -> None:
    path = shared_data / "ims_bearing/2nd_test_resmaple_10minutes.csv"
    whole = open_table(path)
    healthy = tocsin.fit(whole.columns.head(500), FOREST)
    verdicts = healthy.judge(open_table(path, expect=healthy.artifact.layout)).verdicts
    assert verdicts.anomaly[-100:].mean() > 0.9
    assert verdicts.anomaly[:500].mean() < 0.05


def test_wsn_counts_rows_where_there_is_no_time(shared_data: Path) -> None:
    path = shared_data / "wsn_singlehop/data/data.csv"
    scorer = tocsin.fit(path, ZSCORE)
    assert scorer.artifact.provenance.row_clock
    scored = scorer.judge(open_table(path, expect=scorer.artifact.layout))
    starts = scored.incident_columns()["start"].tolist()
    assert starts
    assert all(start.isdigit() for start in starts)
    assert set(scored.incident_columns()["device"].tolist()) <= {"1", "2", "3", "4"}


def test_an_array_of_msl_as_a_frame(shared_data: Path, tmp_path: Path) -> None:
    first = np.load(shared_data / "smap_msl/train/M-6.npy")
    later = np.load(shared_data / "smap_msl/test/M-6.npy")
    scorer = tocsin.fit(pl.DataFrame(first), FOREST)
    scored = scorer.score(pl.DataFrame(later))
    assert scored.height == len(later)
    assert (scored["status"] == "ok").all()
    assert scored["score"].is_finite().all()
    scorer.save(tmp_path / "msl.tocsin")
    again: Scorer = tocsin.load(tmp_path / "msl.tocsin")
    assert again.score(pl.DataFrame(later)).equals(scored)
