"""``tocsin rehearse``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def alarm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An artifact of a room, and later readings of it with some labelled events."""
    folder = tmp_path_factory.mktemp("alarm")
    table = Environment(rows=3000, seed=3).table()
    recipe = Recipe(detector="lstm_autoencoder", settings={"epochs": 5, "hidden": (16,), "learning_rate": 5e-3})
    fit(table.head(2000), recipe).save(folder / "room.tocsin")
    table.tail(1000).write_csv(folder / "later.csv")
    return folder / "room.tocsin", folder / "later.csv"


def test_it_tells_what_would_ring_and_leaves_json_and_a_picture(
    shell: Shell, alarm: tuple[Path, Path], tmp_path: Path
) -> None:
    code, out, err = shell("rehearse", *alarm, "--trials", "5", "-o", "found")
    assert code == 0
    assert "readings are labelled anomalous and were passed over." in err
    for told in ("Share that rings", "level_shift", "contextual", "temperature", "% of the 5 stretches ring", "8 σ"):
        assert told in out
    assert "This holds for faults like these" in out
    found = json.loads((tmp_path / "found/rehearsal.json").read_text("utf-8"))
    assert found["trials"] == 5
    assert found["period_s"] == 600
    assert {cell["kind"] for cell in found["cells"]} == set(found["kinds"]) == set(found["detectable"])
    assert (tmp_path / "found/rehearsal.png").read_bytes().startswith(b"\x89PNG")


def test_kinds_sizes_and_seed_are_as_asked_and_json_is_printed(shell: Shell, alarm: tuple[Path, Path]) -> None:
    asked = ("rehearse", *alarm, "--kinds", "drop, stuck", "--sizes", "3,30", "--trials", "4", "--json")
    code, out, _ = shell(*asked)
    assert code == 0
    found = json.loads(out)
    assert (found["kinds"], found["sizes"]) == (["drop", "stuck"], [3.0, 30.0])
    assert [(cell["kind"], cell["size"]) for cell in found["cells"]] == [("drop", 3.0), ("drop", 30.0), ("stuck", None)]
    assert shell(*asked)[1] == out
    assert shell(*asked, "--seed", "1")[1] != out


def test_many_channels_are_told_in_part(shell: Shell, tmp_path: Path) -> None:
    import numpy as np

    values = np.random.default_rng(0).normal(size=(900, 14))
    pl.DataFrame({f"c{k}": column for k, column in enumerate(values.T)}).write_csv(tmp_path / "wide.csv")
    fit(tmp_path / "wide.csv", Recipe(detector="rolling_zscore", window=12)).save(tmp_path / "wide.tocsin")
    _, out, _ = shell("rehearse", "wide.tocsin", "wide.csv", "--kinds", "level_shift")
    assert "and 2 more channels, in rehearsal.json" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--sizes", "1,big"), "The size 'big' is no number. For example: --sizes 0.5,1,2,4,8"),
        (("--kinds", "leak"), "There is no fault 'leak'. Choose from: spike,"),
        (("--trials", "2000"), "There are too few normal readings: a rehearsal needs 2000 stretches of 51 normal"),
    ],
)
def test_what_cannot_work_is_refused(
    options: tuple[str, str], told: str, shell: Shell, alarm: tuple[Path, Path]
) -> None:
    code, out, err = shell("rehearse", *alarm, *options)
    assert (code, out) == (2, "")
    assert told in err
