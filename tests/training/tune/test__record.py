"""The record keeps whole trials, each search by itself, and is an ordinary Optuna study."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tocsin.core.errors import InputError
from tocsin.training.tune._record import record
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.space import Space
from tocsin.training.tune.tuning import Tried

SPACE = Space((Axis("rate", ends=(1e-4, 1e-1)), Axis("hidden", ("64,32", "16"))))
GOOD = Tried(2, (("rate", "0.01"), ("hidden", "64,32")), 0.5, {"event_f1": 0.25, "alarms": 3, "delay": None}, 1.5)
BAD = Tried(1, (("rate", "0.1"), ("hidden", "16")), 0.0, {}, 0.5, "There are too few readings.")
UNTUNED = Tried(0, (("rate", "0.001"), ("hidden", "8")), 0.4, {}, 1.0)


def test_what_was_kept_is_read_again_in_order(tmp_path: Path) -> None:
    for one in (GOOD, BAD, UNTUNED):
        with record(tmp_path / "trials.db", name="a", space=SPACE) as kept:
            kept.add(one)
    with record(tmp_path / "trials.db", name="a", space=SPACE) as kept:
        assert kept.tried() == (UNTUNED, BAD, GOOD)
        assert kept.study.best_value == 0.5
        assert kept.study.best_params == {"rate": 0.01, "hidden": "64,32"}


def test_each_search_has_its_own(tmp_path: Path) -> None:
    with record(tmp_path / "trials.db", name="a", space=SPACE) as kept:
        kept.add(GOOD)
    with record(tmp_path / "trials.db", name="b", space=SPACE) as kept:
        assert kept.tried() == ()


def test_a_folder_may_have_any_name(tmp_path: Path) -> None:
    folder = tmp_path / "50 % of it? #1"
    folder.mkdir()
    with record(folder / "trials.db", name="a", space=SPACE) as kept:
        kept.add(GOOD)
    assert [path.name for path in folder.iterdir()] == ["trials.db"]


def test_a_file_of_another_kind_is_told(tmp_path: Path) -> None:
    (tmp_path / "trials.db").write_text("time,temp\n" * 1000, "utf-8")
    with (
        pytest.raises(InputError, match=r"trials\.db cannot be used"),
        record(tmp_path / "trials.db", name="a", space=SPACE),
    ):
        pass


def test_optuna_is_not_heard(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), record(tmp_path / "trials.db", name="a", space=SPACE) as kept:
        kept.add(GOOD)
    assert caplog.text == ""
