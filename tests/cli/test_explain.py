"""``tocsin explain``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

Shell = Callable[..., tuple[int, str, str]]


def test_it_tells_the_verdict_the_channels_and_what_is_usual(shell: Shell, artifact: Path, room: Path) -> None:
    code, out, err = shell("explain", artifact, room)
    assert (code, err) == (0, "")
    assert "is anomalous: its score" in out
    assert "times the limit" in out
    assert "Share of the score, by the detector's own shares" in out
    for told in ("channel", "measured", "usual", "temperature", "air_quality"):
        assert told in out


def test_json_and_picture_tell_of_the_same_reading(shell: Shell, artifact: Path, room: Path, tmp_path: Path) -> None:
    code, out, _ = shell("explain", artifact, room, "--json", "-o", "why.png")
    assert code == 0
    told = json.loads(out)
    assert told["anomaly"] is True
    assert told["channels"][0]["channel"] == "temperature"
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")
    again = json.loads(shell("explain", artifact, room, "--at", told["time"], "--json")[1])
    assert again["channels"] == told["channels"]


@pytest.mark.parametrize("method", ["gradients", "shap"])
def test_other_methods_take_the_rise_apart(method: str, shell: Shell, tmp_path: Path, room: Path) -> None:
    fit(room, Recipe(detector="pca", threshold="percentile:99")).save(tmp_path / "smooth.tocsin")
    code, out, _ = shell("explain", "smooth.tocsin", room, "--method", method, "-o", "why.svg")
    assert code == 0
    assert "Share of the rise, by" in out
    assert "→ why.svg" in out


def test_gradients_that_miss_much_of_the_rise_are_refused(shell: Shell, artifact: Path, room: Path) -> None:
    told = json.loads(shell("explain", artifact, room, "--json")[1])
    peak = told["incident"]["peak"]
    assert told["time"] == told["incident"]["start"] < peak, (
        "where a fault begins is told unless someone says otherwise"
    )
    code, out, err = shell("explain", artifact, room, "--at", peak, "--method", "gradients")
    assert (code, out) == (2, "")
    assert "Take it apart with --method shap, or shares." in err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--at", "1999-01-01"), "There is no reading at 1999-01-01: they go from"),
        (("--device", "pump-1"), "These readings name no devices."),
        (("--incident", "f00"), "These readings have no incident 'f00'."),
        (("-o", "why.pdf"), "why.pdf is no name of a picture. Let it end in .png or .svg."),
        (("-o", "nowhere/why.png"), "There is no folder nowhere"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(
    options: tuple[str, ...], told: str, shell: Shell, artifact: Path, room: Path
) -> None:
    code, out, err = shell("explain", artifact, room, *options)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


def test_of_many_channels_those_that_matter_are_listed(shell: Shell, tmp_path: Path) -> None:
    steps, rng = np.arange(400), np.random.default_rng(0)
    values = {f"c{k:02}": rng.normal(50, 1, 400) for k in range(14)}
    values["c03"] = values["c03"] + 1e5 * (steps == 390)
    pl.DataFrame(values).write_csv("many.csv")
    recipe = Recipe(detector="ewma", threshold="percentile:99")
    fit(tmp_path / "many.csv", recipe).save("many.tocsin")
    code, out, _ = shell("explain", "many.tocsin", "many.csv", "--at", "390")
    assert code == 0
    assert "13 more channels with less than 0.5 % each: see --json" in out
    assert "c03" in out
    assert "c04" not in out
    assert re.search(r"measured 100,0\d\d, ", out)
