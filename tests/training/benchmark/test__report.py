"""From runs to rows: mean, spread, order, published rows and pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import wilcoxon

from tocsin.training.benchmark import Case, Column, Run, Sheet
from tocsin.training.benchmark._report import fill

HIGH = Column("f1", "F1", "how good")


def mean_f1(runs: Sequence[Run]) -> dict[str, float | None]:
    return {"f1": float(np.mean([run.facts.get("f1", 0.0) for run in runs]))}


SHEET = Sheet("small", "Small", (HIGH,), mean_f1, paired="f1")


def cases_of(case: Case, count: int) -> list[Case]:
    return [replace(case, name=f"case {k}") for k in range(count)]


def test_mean_and_spread_are_over_seeds(case: Case) -> None:
    runs = [Run("ours", case, seed, {"f1": value}) for seed, value in enumerate((0.2, 0.4, 0.9))]
    runs.append(Run("random", case, 0, {"f1": 0.1}))
    rows = {row.method: row for row in fill(SHEET, runs).rows}
    assert rows["ours"].values["f1"] == pytest.approx(0.5)
    assert rows["ours"].spread["f1"] == pytest.approx(np.std([0.2, 0.4, 0.9], ddof=1))
    assert rows["random"].spread["f1"] is None
    assert (rows["ours"].kind, rows["random"].kind) == ("ours", "baseline")


def test_published_rows_stand_among_ours_best_first(case: Case) -> None:
    sheet = Sheet("leaderboard", "SKAB", (HIGH,), mean_f1, published="skab")
    rows = fill(sheet, [Run("ours", case, 0, {"f1": 0.75}), Run("broken", case, 0, failure="no")]).rows
    assert [row.method for row in rows] == [
        "Conv-AE",
        "MSET",
        "T²+Q (PCA)",
        "ours",
        "LSTM-AE",
        "Isolation Forest",
        "broken",
    ]
    assert rows[-1].failed == 1
    fewer_is_better = replace(sheet, columns=(replace(HIGH, rises=False),), published="")
    assert [row.method for row in fill(fewer_is_better, [Run("a", case, 0, {"f1": 1.0}), Run("b", case, 0)]).rows] == [
        "b",
        "a",
    ]


def test_pairs_are_compared_case_by_case(case: Case) -> None:
    rng = np.random.default_rng(1)
    first, second = rng.random(8), rng.random(8)
    runs = [Run("one", own, 0, {"f1": value}) for own, value in zip(cases_of(case, 8), first, strict=True)]
    runs += [Run("two", own, 0, {"f1": value}) for own, value in zip(cases_of(case, 8), second, strict=True)]
    (pair,) = fill(SHEET, runs).pairs
    assert pair.p == pytest.approx(wilcoxon(first, second, zero_method="zsplit", method="approx").pvalue)
    assert (pair.first_better, pair.second_better) == (int((first > second).sum()), int((first < second).sum()))


def test_a_failure_counts_as_nothing_in_a_pair(case: Case) -> None:
    own = cases_of(case, 6)
    runs = [Run("one", each, 0, {"f1": 0.5}) for each in own]
    runs += [
        Run("two", each, 0, failure="no") if k == 0 else Run("two", each, 0, {"f1": 0.5}) for k, each in enumerate(own)
    ]
    (pair,) = fill(SHEET, runs).pairs
    assert (pair.cases, pair.first_better, pair.second_better) == (6, 1, 0)


def test_few_cases_and_equal_ones_prove_nothing(case: Case) -> None:
    few = [Run(name, own, 0, {"f1": 0.5}) for name in ("one", "two") for own in cases_of(case, 5)]
    assert fill(SHEET, few).pairs == ()
    equal = [Run(name, own, 0, {"f1": 0.5}) for name in ("one", "two") for own in cases_of(case, 6)]
    assert fill(SHEET, equal).pairs[0].p == 1


def test_groups_are_kept_apart(case: Case) -> None:
    runs = [Run("ours", replace(case, group=group), 0, {"f1": value}) for group, value in (("a", 0.1), ("b", 0.9))]
    assert fill(replace(SHEET, group="b"), runs).rows[0].values["f1"] == 0.9
