"""Every example runs, and every published setting trains, scores and tells what it promises."""

from __future__ import annotations

import json
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
    assert tocsin.load(tmp_path / "room.tocsin").artifact.provenance.detector == "auto"


def test_a_stream_scores_as_the_file_does(tmp_path: Path) -> None:
    told = run("stream.py", tmp_path)
    assert "the same as of the whole file at once" in told
    assert "open  incident since" in told


def test_another_limit_rings_sooner_and_leaves_the_scores_alone(tmp_path: Path) -> None:
    lines = run("recalibrate.py", tmp_path).splitlines()
    caught = [int(line.split(" of 15 events")[0].rpartition(" ")[2]) for line in lines[:3]]
    assert caught[0] < caught[1]
    assert caught[0] < caught[2]
    assert "at most one false a week" in lines[2]
    assert int(lines[2].split(" false alarms")[0].rpartition(" ")[2]) <= 4
    assert lines[-1] == "Scores are the same; 1 earlier limit is remembered."
    assert len(tocsin.load(tmp_path / "room.tocsin").artifact.earlier) == 1


@pytest.mark.slow
def test_the_sensor_fault_study_prints_its_lines_and_writes_what_it_found(tmp_path: Path) -> None:
    lines = run("sensor_fault_study.py", tmp_path).splitlines()
    found = json.loads((tmp_path / "models/out.json").read_text("utf-8"))
    told = [
        {
            letter: round(found[name][figure], 3)
            for letter, figure in {"p": "precision", "r": "recall", "f1": "f1"}.items()
        }
        for name in ("isolation_forest", "lstm_autoencoder")
    ]
    assert lines == [
        ">> gen data",
        ">> clean & EDA",
        ">> make features",
        ">> iso forest",
        f"IF eval: {told[0]}",
        ">> lstm ae",
        f"AE eval: {told[1]}",
        ">> done. results in models/out.json",
    ]
    assert told[1]["f1"] > max(told[0]["f1"], 0.1)
    assert all(each["threshold"] > 0 for each in found.values())
    for name in ("eda_preview", "eda_corr", "isolation_forest", "lstm_autoencoder"):
        assert (tmp_path / f"plots/{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_notebook_runs_and_holds_no_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    notebook = nbformat.read(EXAMPLES / "first_look.ipynb", as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None for cell in cells)
    for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    kernel = tmp_path / "JUPYTER_DATA_DIR/kernels/python3"
    kernel.mkdir(parents=True)
    spec = {"argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Python"}
    (kernel / "kernel.json").write_text(json.dumps({**spec, "language": "python"}), "utf-8")
    nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert {path.name for path in (tmp_path / "first_look").glob("*.png")} == {
        "eda_preview.png", "eda_corr.png", "score.png", "detections.png",
    }  # fmt: skip
    assert (tmp_path / "first_look/room.tocsin").exists()


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
