"""``tocsin whatif``: the table, the picture, and what to type next."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def sealed(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sealed") / "room.tocsin"
    fit(room, Recipe(detector="ridge", threshold="percentile:97")).save(path)
    return path


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("past") / "past.csv"
    Environment(rows=2500, seed=9).table().write_csv(path)
    return path


def test_a_table_a_picture_and_the_next_command(shell: Shell, sealed: Path, history: Path, tmp_path: Path) -> None:
    code, out, _ = shell("whatif", sealed, history)
    assert code == 0
    assert "Rung anew over past.csv: " in out
    assert "False alarms per device per week, by the number of anomalous windows in a row" in out
    assert "Events caught, of " in out
    told = json.loads((tmp_path / "whatif/whatif.json").read_text("utf-8"))
    assert f"tocsin recalibrate {sealed} --threshold fixed:{told['best']['limit']:.10g}" in out
    assert (tmp_path / "whatif/whatif.png").read_bytes().startswith(b"\x89PNG")
    assert out.count("◆") == 3  # twice in the tables, once in the legend
    assert out.count("★") == 3


def test_the_next_command_does_what_was_told(shell: Shell, sealed: Path, history: Path) -> None:
    told = json.loads(shell("whatif", sealed, history, "--json")[1])
    words = told["next"].split()
    assert words[:3] == ["tocsin", "recalibrate", str(sealed)]
    assert shell(*words[1:], "-o", "next.tocsin")[0] == 0
    again = json.loads(shell("whatif", "next.tocsin", history, "--json")[1])["in_force"]
    same = ("limit", "wait", "incidents", "false_alarms", "caught", "delay_s")
    assert {name: again[name] for name in same} == {name: told["best"][name] for name in same}
    assert bundle.load("next.tocsin").calibration.threshold.startswith("fixed:")


def test_without_labels_incidents_are_told_and_a_warning(shell: Shell, sealed: Path, history: Path) -> None:
    code, out, err = shell("whatif", sealed, history, "--label", "", "-o", "picture.svg")
    assert code == 0
    assert "Incidents per device per week" in out
    assert "Events caught" not in out
    assert "some incidents may be real" in " ".join(err.split())
    assert Path("picture.svg").exists()
    assert not Path("whatif").exists()


def test_alarms_just_after_an_event_are_told_though_not_counted(shell: Shell, sealed: Path, history: Path) -> None:
    out, told = shell("whatif", sealed, history)[1], json.loads(shell("whatif", sealed, history, "--json")[1])
    assert told["best"]["after"] > 0
    assert f"{told['best']['after']} more, while windows still held some of one: not counted" in " ".join(out.split())


def test_what_is_asked_for_is_tried(shell: Shell, sealed: Path, history: Path) -> None:
    asked = ("--limits", "1.2", "--raise-after", "4,1h", "--budget", "2 per device per month")
    told = json.loads(shell("whatif", sealed, history, *asked, "--json")[1])
    assert {one["wait"] for one in told["settings"]} == {"3 windows", "4 windows", "1h"}
    assert sorted({round(one["times"], 2) for one in told["settings"]}) == [1.0, 1.2]
    assert told["budget"] == "2 false alarms per device per month"


def test_too_short_a_history_says_so(shell: Shell, sealed: Path, room: Path) -> None:
    _, _, err = shell("whatif", sealed, room, "--budget", "1 per device per year")
    told = " ".join(err.split())
    assert "too little to show that 1 false alarm per device per year is kept" in told
    assert re.search(r"It takes \d+ times as much", told)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--limits", "soon"), "'soon' is no limit to try"),
        (("--budget", "few"), "no budget of false alarms"),
        (("-o", "missing/picture.png"), "There is no folder missing"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    shell: Shell, sealed: Path, history: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = shell("whatif", sealed, history, *arguments)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())
