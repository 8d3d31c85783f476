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
