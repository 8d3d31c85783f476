"""``tocsin compare`` and ``tocsin sensitivity``: tables, pictures and JSON, and resuming."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Shell = Callable[..., tuple[int, str, str]]

QUICK = ("--jobs", "1", "--set", "isolation_forest.trees=20", "--set", "rolling_zscore.window=12")
TWO = ("--detectors", "rolling_zscore,isolation_forest")


def test_a_comparison_leaves_tables_pictures_and_json(shell: Shell, room: Path, tmp_path: Path) -> None:
    code, out, err = shell("compare", room, *TWO, *QUICK, "-o", "out")
    assert (code, err) == (0, "")
    for word in ("VUS-PR", "isolation_forest", "max |z|", "all-ones", "Events caught, by kind", "batch of"):
        assert word in out
    found = json.loads((tmp_path / "out/comparison.json").read_text("utf-8"))
    names = [row["name"] for row in found["rows"]]
    assert names == ["rolling_zscore", "isolation_forest", "random", "all-ones", "max |z|", "PCA error"]
    assert found["rows"][0]["runs"][0]["metrics"]["scored"] == 240  # 40 % of 600
    told = (tmp_path / "out/comparison.md").read_text("utf-8")
    assert "## Reading by reading" in told
    for picture in ("roc_pr", "scores_rolling_zscore", "scores_isolation_forest"):
        assert (tmp_path / f"out/{picture}.png").read_bytes().startswith(b"\x89PNG")


def test_json_for_machines(shell: Shell, room: Path) -> None:
    code, out, err = shell("compare", room, *TWO, *QUICK, "--folds", "3", "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["plan"].startswith("600 readings, 5.0% of them labelled anomalous; 3 blocks")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--detectors", "crystal_ball"), "There is no 'crystal_ball' among the detectors"),
        (("--detectors", ""), "No detector is named"),
        ((*TWO, "--set", "trees=3"), "names none of the detectors"),
        ((*TWO, "--set", "isolation_forest.leaves=3"), "isolation_forest has no setting 'leaves'"),
        ((*TWO, "--label", ""), "The readings have no labels"),
        ((*TWO, "--jobs", "0"), "0 processes do nothing"),
        ((*TWO, "--folds", "500"), "too few to be split like that"),
        ((*TWO, "--folds", "0"), "2 folds or more"),
        ((*TWO, "--buffer", "-1"), "Give --buffer 0 to 600"),
        ((*TWO, "--buffer", "601"), "Give --buffer 0 to 600"),
    ],
)
def test_bad_questions_get_one_sentence(shell: Shell, room: Path, words: tuple[str, ...], message: str) -> None:
    code, _, err = shell("compare", room, *words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_the_output_must_not_be_a_file(shell: Shell, room: Path) -> None:
    code, _, err = shell("compare", room, *TWO, "-o", room)
    assert (code, "a folder is needed" in err) == (2, True)
    assert room.read_text("utf-8").startswith("time,")


def test_sensitivity_varies_the_detector_of_the_config(shell: Shell, room: Path, tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text('[fit]\ndetector = "isolation_forest"\n')
    over = ("--over", "trees=5,10", "--config", "tocsin.toml", "--jobs", "1")
    code, out, _ = shell("sensitivity", room, *over)
    assert (code, out.split(",")[0]) == (0, "isolation_forest")
    code, _, err = shell("sensitivity", room, "--over", "trees=5,10")
    assert (code, "auto has no setting 'trees'" in err) == (2, True)


def test_sensitivity_draws_each_setting(shell: Shell, room: Path, tmp_path: Path) -> None:
    over = ("--over", "trees=5,20", "--over", "max_samples=16,64")
    code, out, err = shell("sensitivity", room, "--detector", "isolation_forest", *over, "--jobs", "1")
    assert (code, err) == (0, "")
    assert "trees 20, max_samples 64" in out
    found = json.loads((tmp_path / "sensitivity/sensitivity.json").read_text("utf-8"))
    assert [(run["trees"], run["max_samples"]) for run in found["runs"]] == [(5, 16), (5, 64), (20, 16), (20, 64)]
    assert {row["kind"] for row in found["runs"][0]["kinds"]} <= {
        "co_deviation",
        "drift",
        "drop",
        "dropout",
        "spike",
        "stuck",
    }
    assert "Events caught, by kind" in out
    for name in ("trees", "max_samples"):
        assert (tmp_path / f"sensitivity/{name}.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--over", "hidden"), "is not of the form"),
        (("--over", "leaves=1,2"), "has no setting 'leaves'"),
        (("--over", "trees=1", "--over", "trees=2"), "trees is varied twice"),
        (("--over", "trees=few"), "trees is 'few'"),
        (("--over", "trees=5", "--metric", "beauty", "--jobs", "1"), "There is no metric 'beauty'"),
    ],
)
def test_bad_grids_get_one_sentence(shell: Shell, room: Path, words: tuple[str, ...], message: str) -> None:
    code, _, err = shell("sensitivity", room, "--detector", "isolation_forest", *words)
    assert code == 2
    assert message in err
