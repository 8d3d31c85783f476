"""From runs to tables: mean and spread over seeds, published rows beside, and what failed, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from tocsin.training.benchmark._contract import Column, Run, Sheet
from tocsin.training.benchmark._published import published
from tocsin.training.lab.baselines import NAMES

LEAST_PAIRS = 6
"""Cases below which no test of pairs can tell anything at 5 %."""


@dataclass(frozen=True)
class Row:
    """A line of a table.

    Parameters
    ----------
    method
        Its name.
    kind
        "ours", "baseline" or "published".
    values
        Mean over the seeds, by column.
    spread
        Standard deviation over the seeds, by column; None where there is one seed.
    failed
        Cases that failed, all seeds together.
    """

    method: str
    kind: str
    values: Mapping[str, float | None]
    spread: Mapping[str, float | None] = field(default_factory=dict)
    failed: int = 0


@dataclass(frozen=True)
class Pair:
    """Two methods, case by case: Wilcoxon's signed-rank test, two-sided, not corrected for the number of pairs."""

    first: str
    second: str
    cases: int
    first_better: int
    second_better: int
    p: float


@dataclass(frozen=True)
class Filled:
    """A sheet with its rows."""

    sheet: Sheet
    rows: tuple[Row, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Report:
    """What came of a benchmark.

    Parameters
    ----------
    name, summary, origin
        Of the benchmark.
    command
        With which it was run, or "".
    tables
        The sheets, filled.
    failures
        "method, case, seed n: why".
    left_out
        Methods that do not apply, with the reason.
    cases, seeds
        How many.
    once
        Methods that ran with the first seed alone.
    seconds
        By method: seconds for training and for scoring, all cases of one seed together.
    recipes
        By method: the settings that differ from its defaults.
    versions
        Of the libraries that matter.
    """

    name: str
    summary: str
    origin: str
    command: str
    tables: tuple[Filled, ...]
    failures: tuple[str, ...]
    left_out: Mapping[str, str]
    cases: int
    seeds: int
    once: tuple[str, ...]
    seconds: Mapping[str, tuple[float, float]]
    recipes: Mapping[str, Mapping[str, Any]]
    versions: Mapping[str, str]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return {**asdict(self), "tables": [_table_dict(table) for table in self.tables]}


def fill(sheet: Sheet, runs: Sequence[Run]) -> Filled:
    """Return a sheet with a row for each method of ``runs`` and each published one, best first."""
    own = [run for run in runs if sheet.group is None or run.case.group == sheet.group]
    rows = [_row(sheet, method, own) for method in dict.fromkeys(run.method for run in own)]
    rows += [Row(told.method, "published", told.values) for told in published(sheet.published)]
    return Filled(sheet, tuple(sorted(rows, key=lambda row: _rank(row, sheet.columns[0]))), _pairs(sheet, own))


def _row(sheet: Sheet, method: str, runs: Sequence[Run]) -> Row:
    mine = [run for run in runs if run.method == method]
    seeds = sorted({run.seed for run in mine})
    found = [sheet.measure([run for run in mine if run.seed == seed]) for seed in seeds]
    columns = {column.name: _known(told.get(column.name) for told in found) for column in sheet.columns}
    return Row(
        method,
        "baseline" if method in NAMES else "ours",
        {name: float(np.mean(told)) if told else None for name, told in columns.items()},
        {name: float(np.std(told, ddof=1)) if len(told) > 1 else None for name, told in columns.items()},
        sum(bool(run.failure) for run in mine),
    )


def _known(values: Any) -> list[float]:
    return [float(value) for value in values if value is not None]


def _rank(row: Row, column: Column) -> tuple[bool, float]:
    value = row.values.get(column.name)
    return value is None, 0.0 if value is None else (value if column.rises is False else -value)


def _pairs(sheet: Sheet, runs: Sequence[Run]) -> tuple[Pair, ...]:
    """Compare methods over the cases that have something to find, seeds averaged."""
    if not sheet.paired:
        return ()
    by_method: dict[str, dict[str, float]] = {}
    for method in dict.fromkeys(run.method for run in runs):
        by_method[method] = _by_case([run for run in runs if run.method == method], sheet.paired)
    found = []
    for first, second in combinations(by_method, 2):
        both = [case for case in by_method[first] if case in by_method[second]]
        if len(both) >= LEAST_PAIRS:
            gap = np.array([by_method[first][case] - by_method[second][case] for case in both])
            found.append(Pair(first, second, len(both), int((gap > 0).sum()), int((gap < 0).sum()), _wilcoxon(gap)))
    return tuple(found)


def _by_case(runs: Sequence[Run], fact: str) -> dict[str, float]:
    out: dict[str, list[float]] = {}
    for run in runs:
        if run.failure or run.facts.get(fact) is not None:
            out.setdefault(run.case.name, []).append(float(run.facts.get(fact) or 0.0))
    return {case: float(np.mean(values)) for case, values in out.items()}


def _wilcoxon(gap: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    if not gap.any():
        return 1.0
    from scipy.stats import wilcoxon

    return float(wilcoxon(gap, zero_method="zsplit", method="approx").pvalue)


def _table_dict(table: Filled) -> dict[str, Any]:
    sheet = table.sheet
    return {
        "name": sheet.name,
        "title": sheet.title,
        "columns": [asdict(column) for column in sheet.columns],
        "rows": [asdict(row) for row in table.rows],
        "pairs": [asdict(pair) for pair in table.pairs],
        "paired": sheet.paired,
        "remarks": list(sheet.remarks),
        "sources": sorted({told.source for told in published(sheet.published)}),
    }
