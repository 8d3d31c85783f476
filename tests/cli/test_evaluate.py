"""``tocsin evaluate`` on what ``tocsin score`` wrote, on others' tables, and on what cannot be judged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

Shell = Callable[..., Any]


@pytest.fixture(scope="module")
def scored(room: Path, artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The room's readings, scored."""
    from tocsin.engine.scorer import load

    path = tmp_path_factory.mktemp("scored") / "scored.csv"
    load(artifact).score(room).write_csv(path)
    return path


def test_a_scored_table_is_judged_in_groups_and_written_as_json(shell: Shell, scored: Path, tmp_path: Path) -> None:
    done = shell("evaluate", scored, "--label", "label", "--json", "metrics.json", "--report", "eval.html")
    assert done.code == 0, done.err
    for words in ("Alarms", "Flags", "Score", "Flattering", "VUS-PR", "inflated", "random flags reach", "kind"):
        assert words in done.out
    told = json.loads((tmp_path / "metrics.json").read_text("utf-8"))
    assert told["metrics"]["readings"] == 600
    assert told["metrics"]["left_out"] == 11
    assert set(told) == {
        "judged",
        "metrics",
        "intervals",
        "chance",
        "delays",
        "kinds",
        "kinds_told",
        "cautions",
        "notes",
    }
    assert "<h1>" in (tmp_path / "eval.html").read_text("utf-8")


def test_precision_and_recall_are_those_that_scoring_told(
    shell: Shell, scored: Path, artifact: Path, room: Path, tmp_path: Path
) -> None:
    when_scored = json.loads(shell("score", artifact, room, "--json").out)
    shell("evaluate", scored, "--no-intervals", "--json", "metrics.json")
    found = json.loads((tmp_path / "metrics.json").read_text("utf-8"))["metrics"]
    for name in ("precision", "recall", "f1"):
        assert found[name] == pytest.approx(when_scored[name], abs=1e-4)
    assert found["left_out"] == when_scored["left_out"]


def test_a_label_called_anomaly_is_judged_too(shell: Shell, room: Path, artifact: Path, tmp_path: Path) -> None:
    pl.read_csv(room).rename({"label": "anomaly"}).write_csv(tmp_path / "skab.csv")
    assert shell("score", artifact, "skab.csv", "-o", "scored.csv").code == 0
    done = shell("evaluate", "scored.csv", "--label", "anomaly", "--no-intervals")
    assert done.code == 0, done.err
    assert "score above the limit in force" in done.out


def test_without_flags_it_says_so_and_ranks(shell: Shell, scored: Path, tmp_path: Path) -> None:
    pl.read_csv(scored).select("score", "label").write_csv(tmp_path / "bare.csv")
    done = shell("evaluate", "bare.csv", "--no-intervals", "--json", "metrics.json")
    assert done.code == 0, done.err
    assert "none: only what needs no limit is told" in done.out
    assert "ROC-AUC" in done.out
    assert "Alarms" not in done.out
    metrics = json.loads((tmp_path / "metrics.json").read_text("utf-8"))["metrics"]
    assert metrics["f1"] is None
    assert metrics["roc_auc"] > 0


def test_a_limit_of_ones_own(shell: Shell, scored: Path) -> None:
    done = shell("evaluate", scored, "--limit", "2.5", "--no-intervals")
    assert "score above 2.5" in done.out
    assert "no policy told any" in done.out


def test_the_buffer_of_vus_is_said(shell: Shell, scored: Path) -> None:
    assert "buffers of up to 20 readings" in shell("evaluate", scored, "--buffer", "20", "--no-intervals").out


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--label", "nope"), "no column 'nope'"),
        (("--label", ""), "no labels"),
        (("--label", "anomaly"), "was written by tocsin"),
        (("--score", "nope"), "no column 'nope'"),
        (("--score", "cause"), "should hold scores"),
        (("--flag", "temperature"), "should hold flags"),
        (("--flag", "label", "--limit", "1"), "not by both"),
        (("--buffer", "-1"), "none"),
        (("--buffer", "3000000"), "none"),
        (("--json", "nowhere/metrics.json"), "no folder nowhere"),
    ],
)
def test_what_cannot_be_judged_is_one_sentence_and_exit_code_2(
    shell: Shell, scored: Path, given: tuple[str, ...], said: str
) -> None:
    done = shell("evaluate", scored, *given)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


def test_labels_all_alike_are_refused(shell: Shell, scored: Path, tmp_path: Path) -> None:
    pl.read_csv(scored).with_columns(label=pl.lit(0)).write_csv(tmp_path / "calm.csv")
    done = shell("evaluate", "calm.csv", "--label", "label")
    assert done.code == 2
    assert "All 600 readings are labelled normal" in done.err


def test_what_is_read_is_not_overwritten(shell: Shell, scored: Path) -> None:
    done = shell("evaluate", scored, "--json", scored)
    assert done.code == 2
    assert "would be overwritten" in done.err
