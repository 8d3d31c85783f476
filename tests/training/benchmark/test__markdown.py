"""The page of a benchmark is made from its JSON alone."""

from __future__ import annotations

from typing import Any

from tocsin.training.benchmark import cell, markdown

COLUMN = {"name": "f1", "label": "F1", "meaning": "how good", "digits": 2, "rises": True}
EMPTY = {"name": "delay", "label": "delay", "meaning": "how late", "digits": 0, "rises": False}


def told(**changes: Any) -> dict[str, Any]:
    row = {"method": "max |z|", "kind": "baseline", "values": {"f1": 0.456, "delay": None}, "spread": {}, "failed": 0}
    table = {
        "name": "t",
        "title": "A table",
        "columns": [COLUMN, EMPTY],
        "rows": [row, row | {"method": "ours", "kind": "ours", "values": {"f1": 0.5}, "spread": {"f1": 0.04}}],
        "pairs": [],
        "paired": "vus_pr",
        "remarks": ["mind the gap"],
        "sources": ["a paper"],
    }
    base = {
        "name": "small",
        "summary": "A benchmark.",
        "origin": "somewhere",
        "command": "tocsin benchmark small",
        "tables": [table, table],
        "failures": [],
        "left_out": {},
        "cases": 1,
        "seeds": 2,
        "seconds": {"ours": [1.2, 0.3]},
        "recipes": {"ours": {"window": 20}},
        "versions": {},
    }
    return base | changes


def test_rows_columns_and_command() -> None:
    page = markdown(told())
    assert (
        "| method |  | F1 |\n| --- | --- | ---: |\n| max \\|z\\| | baseline | 0.46 |\n| ours | ours | 0.50 ± 0.04 |"
        in page
    )
    assert "```console\ntocsin benchmark small\n```" in page
    assert "1 case, 2 seeds." in page
    assert "2 seeds; with the first alone ours, theirs." in markdown(told(once=["ours", "theirs"]))
    assert "- ours (window = 20): 1 s to train, 0 s to score" in page
    assert "Published rows: a paper." in page


def test_what_was_explained_is_not_explained_again() -> None:
    page = markdown(told())
    assert page.count("**F1**: how good.") == 1
    assert page.count("mind the gap") == 1


def test_failures_and_those_left_out_are_named() -> None:
    page = markdown(told(failures=["ours, a, seed 0: too short"], left_out={"svm": "not applicable"}), level=2)
    assert page.startswith("## small\n")
    assert "- ours, a, seed 0: too short" in page
    assert "- svm is not in the tables: not applicable" in page


def test_pairs_that_differ_are_told() -> None:
    table = told()["tables"][0]
    pair = {"first": "a", "second": "b", "cases": 9, "first_better": 1, "second_better": 8, "p": 0.012}
    alike = pair | {"p": 0.4}
    page = markdown(told(tables=[table | {"pairs": [pair, alike]}]))
    assert (
        "(VUS-PR, Wilcoxon's signed-rank test, two-sided, 9 cases, not corrected for 2 pairs); 1 pairs do not" in page
    )
    assert "- b over a: better in 8, worse in 1, p = 0.012" in page


def test_a_figure_that_is_not_there_is_a_dash() -> None:
    assert cell({"values": {}, "spread": {}}, COLUMN) == "–"
    assert cell({"values": {"f1": -0.126}, "spread": {"f1": None}}, COLUMN) == "−0.13"
