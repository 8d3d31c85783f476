"""Every example runs, and every published setting trains, scores and tells what it promises."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import tocsin
from tocsin.cli._app import app
from tocsin.training.simulate.environment import Environment
from tocsin.wiring import make_recipe, read_config

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
CONFIGS = sorted(EXAMPLES.glob("configs/*.toml"))


@pytest.fixture(scope="module")
def env_csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("readings") / "env.csv"
    Environment(rows=3000, seed=7).table().write_csv(path)
    return path


def run(script: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLES / script],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_quickstart_finds_anomalies_and_saves(tmp_path: Path) -> None:
    assert "readings are above the limit" in run("quickstart.py", tmp_path)
    assert tocsin.load(tmp_path / "room.tocsin").artifact.provenance.detector == "lstm_autoencoder"


def test_a_stream_scores_as_the_file_does(tmp_path: Path) -> None:
    told = run("stream.py", tmp_path)
    assert "the same as of the whole file at once" in told
    assert "open  incident since" in told


@pytest.mark.parametrize("config", CONFIGS, ids=lambda path: path.stem)
def test_published_settings_train_and_score(config: Path, env_csv: Path, tmp_path: Path) -> None:
    from typer.testing import CliRunner

    artifact, scored = tmp_path / "model.tocsin", tmp_path / "scored.csv"
    quick = ["--set", "epochs=1"] if "lstm" in config.stem else []
    for command in (
        ["fit", env_csv, "--config", config, "-o", artifact, *quick],
        ["score", artifact, env_csv, "-o", scored],
    ):
        done = CliRunner().invoke(app, [str(word) for word in command])
        assert done.exit_code == 0, done.output
    assert scored.read_text("utf-8").count("\n") == 3001


def test_the_papers_settings_are_the_papers() -> None:
    recipe = make_recipe(read_config(EXAMPLES / "configs/paper_lstm_autoencoder.toml"), {}, settings=())
    assert (recipe.window, recipe.scale, recipe.threshold) == (10, "minmax", "percentile:95@training")
    assert dict(recipe.settings) == {
        "hidden": (64, 32),
        "epochs": 50,
        "patience": 0,
        "batch_size": 32,
        "learning_rate": 0.001,
        "score": "mean",
    }


def test_a_percentile_of_what_was_scored_flags_one_in_twenty(env_csv: Path) -> None:
    paper = make_recipe(
        read_config(EXAMPLES / "configs/paper_lstm_autoencoder.toml"),
        {"threshold": "percentile:95@scored"},
        settings=("epochs=1",),
    )
    verdicts = tocsin.fit(env_csv, paper).score(env_csv)
    assert int(verdicts["anomaly"].sum()) == 150  # of 2,991 windows


def test_the_blogs_contamination_flags_one_in_a_hundred(env_csv: Path) -> None:
    blog = make_recipe(read_config(EXAMPLES / "configs/blog_isolation_forest.toml"), {}, settings=())
    assert int(tocsin.fit(env_csv, blog).score(env_csv)["anomaly"].sum()) == 30  # of 3,000 readings
