"""The page on budgets shows what its script prints."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("budget_page", DOCS / "budget.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]


def test_the_page_has_the_scripts_rows_and_verdicts(script: ModuleType) -> None:
    shown, made = cells((DOCS / "explanation" / "budget.md").read_text("utf-8")), cells(script.table(2))
    assert [row[0] for row in shown] == [row[0] for row in made]
    assert shown[0] == made[0]
    for theirs, ours in zip(shown[2:], made[2:], strict=True):
        assert ["not enough" in cell for cell in theirs] == ["not enough" in cell for cell in ours]


def test_the_page_says_not_enough_where_the_promise_was_broken(script: ModuleType) -> None:
    for row in cells((DOCS / "explanation" / "budget.md").read_text("utf-8"))[2:]:
        for cell in row[1:]:
            assert ("not enough" in cell) == (int(cell.split()[0]) < 90)
    assert script.TRIALS == 200
