"""From readings to words: a channel that stops to follow the others is named, and whom it followed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import tocsin
from tocsin.artifact import bundle
from tocsin.cli._app import app
from tocsin.engine.reporting import report_of
from tocsin.engine.scorer import Scorer
from tocsin.evaluation.pages.report import render
from tocsin.sources import open_table
from tocsin.training.recipe import Recipe

NAMES = ("flow", "current", "pressure", "noise")
QUICK = {"width": "16", "hidden": "32", "epochs": "20", "batch_size": "64", "learning_rate": "0.01", "device": "cpu"}


def pump(rows: int, *, seed: int) -> pl.DataFrame:
    """Return a pump whose flow, current and pressure follow one load, and a channel that follows nobody."""
    rng = np.random.default_rng(seed)
    load = np.convolve(rng.standard_normal(rows + 19), np.ones(20) / np.sqrt(20), "valid")
    values = np.stack([40 + 6 * load, 12 + 2 * load, 5 - 0.7 * load, rng.standard_normal(rows)], axis=1)
    values[:, :3] *= 1 + 0.003 * rng.standard_normal((rows, 3))
    start = np.datetime64("2024-03-01T00:00", "ns") + np.timedelta64(seed, "D")
    time = pl.Series("time", start + np.arange(rows) * np.timedelta64(60, "s"))
    return pl.DataFrame([time, *(pl.Series(name, values[:, k]) for k, name in enumerate(NAMES))])


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    made = tocsin.fit(pump(1600, seed=0), Recipe(detector="graph_deviation", window=12, settings=QUICK))
    assert isinstance(made, Scorer)
    return made


@pytest.fixture(scope="module")
def leaking() -> pl.DataFrame:
    """Flow follows another load from row 300 on; each value is a usual one."""
    own, other = pump(400, seed=7), pump(400, seed=8)
    return own.with_columns(flow=pl.concat([own["flow"][:300], other["flow"][300:]]))


def test_the_artifact_knows_who_follows_whom(scorer: Scorer, tmp_path: Path) -> None:
    scorer.save(tmp_path / "pump.tocsin")
    relations = np.array(bundle.load(tmp_path / "pump.tocsin").relations)
    assert relations.shape == (4, 4)
    assert (relations[:3, :3].sum(axis=1) > 0.9).all()
    assert not relations[3].any()
    told = CliRunner().invoke(app, ["inspect", str(tmp_path / "pump.tocsin")]).output
    lines = {line.split()[0]: line for line in told.splitlines() if "follows" in line}
    assert set(lines) == {"flow", "current", "pressure"}
    assert "current" in lines["flow"]


def test_the_cause_names_the_channel_and_whom_it_followed(scorer: Scorer, leaking: pl.DataFrame) -> None:
    scored = scorer.judge(open_table(leaking))
    told = [str(text) for text in scored.incident_columns()["cause"]]
    assert told
    assert any(text.startswith("flow ") for text in told)
    named = [text.partition("; ")[2] for text in told]
    assert {"flow no longer follows current, pressure", "flow no longer follows pressure, current"} & set(named)
    rows = scorer.score(leaking)
    causes = rows.filter(pl.col("anomaly"))["cause"][20:]
    assert causes.str.contains("flow no longer follows").mean() > 0.6
    page = render(report_of(scored, scorer.artifact, title="pump"))
    assert page.count("flow no longer follows") >= 2
