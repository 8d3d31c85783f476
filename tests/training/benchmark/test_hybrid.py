"""The tables of the hybrid paper: a case that failed counts as one in which nothing was found."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.training.benchmark import Case, Run
from tocsin.training.benchmark.hybrid import Hybrid


def test_a_failed_case_misses_everything_in_every_column(case: Case) -> None:
    facts = {"tp": 2, "fp": 0, "fn": 0, "tn": 6, "events": 1, "caught": 1, "alarms": 1, "false_alarms": 0, "days": 1.0}
    ranks = {"vus_pr": 1.0, "auc_pr": 1.0, "roc_auc": 1.0, "delays": [0]}
    runs = [Run("a", case, 0, {**facts, **ranks}), Run("a", case, 0, failure="too few readings")]
    traffic = next(sheet for sheet in Hybrid().sheets([_of_group(case)]) if sheet.name == "traffic")
    row = traffic.measure(runs)
    missed = int(np.count_nonzero(case.labels[case.judged]))
    assert row["fn"] == missed == 2
    assert row["recall"] == pytest.approx(100 * 2 / (2 + missed))
    assert row["fnr"] == pytest.approx(100 * missed / (2 + missed))
    assert row["accuracy"] == pytest.approx(100 * (8 + 6) / 16)


def _of_group(case: Case) -> Case:
    return Case(case.name, case.table, case.learn, case.judged, group="traffic")
