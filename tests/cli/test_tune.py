"""``tocsin tune``: tables, a picture, JSON and a config that fit can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.wiring import make_recipe, read_config

Shell = Callable[..., tuple[int, str, str]]

QUICK = ("--detector", "ridge", "--jobs", "1", "--folds", "2", "--seeds", "1")
OVER = ("--over", "penalty=1e-4..1e2", "--over", "window=4,8", "--trials", "3")


def test_a_search_leaves_a_table_a_picture_and_a_config(shell: Shell, room: Path, tmp_path: Path) -> None:
    code, out, err = shell("tune", room, *QUICK, *OVER)
    assert (code, err) == (0, "")
    for words in (
        "3 settings tried on the first 60 %",
        "untuned",
        "max |z|",
        "The last 40 %",
        "--config tune/tocsin.toml",
    ):
        assert words in out
    told = json.loads((tmp_path / "tune/tune.json").read_text("utf-8"))
    assert [one["place"] for one in told["tried"]] == [0, 1, 2, 3]
    assert told["space"] == ["penalty=0.0001..100", "window=4,8"]
    assert (tmp_path / "tune/trials.png").read_bytes().startswith(b"\x89PNG")
    recipe = make_recipe(read_config(tmp_path / "tune/tocsin.toml"), {}, settings=[])
    best = told["best"]["point"] if told["recommended"] == "tuned" else {}
    assert recipe.detector == "ridge"
    assert recipe.settings.get("penalty") == (float(best["penalty"]) if best else None)
    assert recipe.window == (int(best["window"]) if best else None)
    assert shell("fit", room, "--config", "tune/tocsin.toml", "-o", "m.tocsin")[0] == 0


def test_without_labels_it_says_what_it_judged_by(shell: Shell) -> None:
    shell("simulate", "environment", "--rows", "1800", "-o", "long.csv")
    grid = ("--over", "penalty=1e-3,1e-1", "--sampler", "grid", "--by", "faults")
    code, out, err = shell("tune", "long.csv", *QUICK, *grid, "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert told["plan"].endswith("for the VUS-PR of faults put into the readings.")
    assert {tuple(one["point"].values()) for one in told["tried"]} == {("0.001",), ("0.1",)}
    assert told["by"] == "faults"


def test_a_config_of_ones_own_keeps_what_stands_there(shell: Shell, room: Path, tmp_path: Path) -> None:
    own = tmp_path / "plant.toml"
    own.write_text("# ours\n[input]\nlabel = 'label'\n[alarm]\ncooldown = 9\n", "utf-8")
    code, _, err = shell("tune", room, *QUICK, *OVER, "--write", own)
    assert code == 0
    assert f"kept as {own}.before" in err.replace("\n", "")
    found = read_config(own)
    assert (found["input"], found["alarm"]) == ({"label": "label"}, {"cooldown": 9})
    assert found["fit"]["detector"] == "ridge"
    assert Path(f"{own}.before").read_text("utf-8").startswith("# ours")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--over", "penalty"), "is not of the form"),
        (("--over", "leaves=1,2"), "ridge has no setting 'leaves'"),
        (("--over", "leaves=1..2"), "ridge has no setting 'leaves'"),
        (("--over", "penalty=1..few"), "has an end that is no number"),
        (("--over", "penalty=2..1"), "penalty goes from 2 to 1"),
        (("--over", "penalty=1", "--over", "penalty=2"), "penalty is varied twice"),
        (("--sampler", "luck"), "sampler cannot be 'luck'"),
        (("--metric", "f1"), "metric cannot be 'f1'"),
        (("--trials", "0"), "0 trials are too few"),
        (("--minutes", "0"), "0 minutes are none"),
        (("--label", "", "--by", "labels"), "The readings have no labels"),
        (("--write", "nowhere/tocsin.toml"), "There is no folder nowhere"),
        (("--jobs", "0"), "0 processes do nothing"),
    ],
)
def test_bad_questions_get_one_sentence(shell: Shell, room: Path, words: tuple[str, ...], message: str) -> None:
    code, _, err = shell("tune", room, "--detector", "ridge", *words)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_a_config_that_is_none_is_refused_before_the_search(shell: Shell, room: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("[fit\n", "utf-8")
    code, _, err = shell("tune", room, *QUICK, "--write", "mine.toml")
    assert (code, "not valid TOML" in err) == (2, True)
    assert not (tmp_path / "tune/trials.db").exists()
    assert (tmp_path / "mine.toml").read_text("utf-8") == "[fit\n"
