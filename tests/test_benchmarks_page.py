"""The page of the published benchmarks is made from results alone."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
COLUMN = {"name": "f1", "label": "F1", "meaning": "how good", "digits": 2, "rises": True}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("benchmarks", ROOT / "docs" / "benchmarks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def result(name: str) -> dict[str, Any]:
    def row(method: str, kind: str, value: float) -> dict[str, Any]:
        return {"method": method, "kind": kind, "values": {"f1": value}, "spread": {}, "failed": 0}

    rows = [row("theirs", "published", 0.9), row("good", "ours", 0.7), row("auto", "ours", 0.1)]
    table = {
        "name": "t",
        "title": f"{name} table",
        "columns": [COLUMN],
        "rows": [*rows, row("max |z|", "baseline", 0.4)],
        "pairs": [],
        "paired": "",
        "remarks": [],
        "sources": [],
    }
    return {
        "name": name,
        "summary": "A benchmark.",
        "origin": "somewhere",
        "command": f"tocsin benchmark {name} --data DATA",
        "tables": [table],
        "failures": [],
        "left_out": {},
        "cases": 3,
        "seeds": 1,
        "seconds": {},
        "recipes": {},
        "versions": {"tocsin": "0.1.0", "numpy": "2.0"},
    }


def test_results_are_found_in_folders_and_written_in_a_fixed_order(script: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "skab").mkdir()
    (tmp_path / "skab" / "skab.json").write_text(json.dumps(result("skab")), "utf-8")
    (tmp_path / "nab.json").write_text(json.dumps(result("nab")), "utf-8")
    page = script.page(list(script.read(tmp_path)))
    assert page.index("\n## nab\n") < page.index("\n## skab\n")
    assert "tocsin benchmark skab --data DATA" in page
    assert "Made with tocsin 0.1.0, numpy 2.0." in page


def test_the_glance_names_the_default_and_the_best_of_each_kind(script: ModuleType) -> None:
    page = script.page([result("nab")])
    assert "| nab table | F1 | 0.10 | 0.90 (theirs) | 0.70 (good) | 0.40 (max \\|z\\|) |" in page
    assert "| auto | ours | 0.10 |" in page


def row(**changed: Any) -> dict[str, Any]:
    usual = {"judged": 2, "refused": [], "promised": 1, "kept": 1, "not_enough": 1, "broken": 1, "stretch": None}
    usual |= {"watched": 200, "flagged": 3, "told": 30, "false_alarms": 2, "days": 4.0}
    return usual | {"by_day": False, "events": 3, "caught": 2, "delay": 7.0} | changed


def rooms(rows: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {"cases": 2, "failed": 0, "reference": 40.0, "window": 10.0, "row_clock": False, "rows": rows} | changed


NOTHING = row(judged=0, promised=0, kept=0)
QUIET = row(stretch=16.0, promised=0, kept=0, events=0, caught=0, false_alarms=0)
PUMPS = {"pot": row(days=None, kept=0), "budget": NOTHING, "daily": row(stretch=9.0, by_day=True)}
PROMISES = {
    "rate": 0.005,
    "factor": 1.9,
    "detectors": {"pca": {"rooms": rooms({"pot": row(), "budget": QUIET}), "pumps": rooms(PUMPS, cases=1)}},
}


def test_each_threshold_has_a_row_for_each_set_and_one_for_all(script: ModuleType) -> None:
    text = script.promised(PROMISES)
    assert "| pot | 2 | 1 (50 %) | 2 | 2 (100 %) | 4 (67 %) |" in text
    assert "| **rooms**, 2 cases, reference 40 | pot | 0.5 % | 1.5 | 15 | 0.5 a day | 1 of 1 | 1, 1 broken |" in text
    assert "|  | budget | 1 in 16 | 1.5 | 15 | none in 200 | – | 1, 1 broken | 0 of 0 | 7 |" in text
    assert "| **pumps**, 1 case, reference 40 | pot | 0.5 % | 1.5 | 15 | 1 in 100 | 0 of 1 |" in text
    assert "|  | budget | – | – | – | – | – | – | – | – |" in text
    assert "|  | daily | 1 a day | 1.5 | 15 | 0.5 a day | 1 of 1 |" in text
    assert max(len(line) for line in text.splitlines() if not line.startswith("|")) <= 120


def test_the_section_on_promises_stands_before_the_benchmarks_and_is_renewed_alone(script: ModuleType) -> None:
    bare, whole = script.page([result("nab"), result("skab")]), script.page([result("nab"), result("skab")], PROMISES)
    assert bare.index("## At a glance") < whole.index(script.PROMISED) < whole.index("\n## nab\n")
    section = script.promised(PROMISES)
    assert script.renewed(bare, section) == whole == script.renewed(whole, section)
    assert "| other |" in script.renewed(whole, section.replace("| pot |", "| other |"))


def test_the_section_on_promises_is_what_the_study_found(script: ModuleType) -> None:
    assert script.promised(json.loads(script.LIMITS.read_text("utf-8"))) in script.PAGE.read_text("utf-8")
