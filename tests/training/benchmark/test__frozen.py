"""Figures at a frozen limit, by hand: what counts, what counts as nothing found, and what is pooled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.core.arrays import FloatArray
from tocsin.evaluation.metrics import average_precision, roc_auc, vus_pr
from tocsin.evaluation.outcome import Outcome
from tocsin.training.benchmark import Case, Run
from tocsin.training.benchmark._frozen import complete, frozen_facts, frozen_sheet, measure, trap_of


def outcome_of(case: Case, score: FloatArray, limit: float) -> Outcome:
    flags = score > limit
    readings = case.table.readings
    return Outcome(
        labels=case.labels,
        score=score,
        anomaly=flags,
        told=flags,
        limit=np.full(len(score), limit),
        time=readings.time,
        device=readings.device,
    )


SCORE = np.array([np.nan, 9, 1, 1, 1, 6, 6, 1, np.nan, 7, 1, 1.0])


def test_counts_are_of_the_judged_readings(case: Case) -> None:
    facts = frozen_facts(case, outcome_of(case, SCORE, 5))
    assert {name: facts[name] for name in ("tp", "fp", "fn", "tn")} == {"tp": 1, "fp": 2, "fn": 1, "tn": 4}
    assert {name: facts[name] for name in ("events", "caught", "alarms", "false_alarms")} == {
        "events": 1,
        "caught": 1,
        "alarms": 2,
        "false_alarms": 1,
    }
    assert facts["delays"] == [1]
    assert facts["unscored"] == 1
    assert facts["days"] == pytest.approx(7 / 24 / 60)


def test_a_reading_without_a_score_ranks_lowest(case: Case) -> None:
    facts = frozen_facts(case, outcome_of(case, SCORE, 5))
    filled = np.nan_to_num(SCORE[4:], nan=1.0)
    labels = case.labels[4:]
    assert facts["auc_pr"] == average_precision(labels, filled)
    assert facts["roc_auc"] == roc_auc(labels, filled)
    assert facts["vus_pr"] == vus_pr(labels, filled, 2)
    assert complete(outcome_of(case, np.full(12, np.nan), 5)).score.tolist() == [0.0] * 12


def test_rows_pool_counts_and_average_ranks(case: Case) -> None:
    runs = [Run("a", case, 0, frozen_facts(case, outcome_of(case, SCORE, limit))) for limit in (5, 6.5)]
    found = measure(runs)
    assert found["precision"] == pytest.approx(2 / 4)
    assert found["recall"] == pytest.approx(2 / 4)
    assert found["false_positive_rate"] == pytest.approx(2 / 12)
    assert found["events_caught"] == 1
    assert found["event_f1"] == pytest.approx(2 * (2 / 3) / (2 / 3 + 1))
    assert found["false_alarms_per_day"] == pytest.approx(1 / (14 / 24 / 60))
    assert found["vus_pr"] == pytest.approx(runs[0].facts["vus_pr"])
    assert found["base_rate"] == pytest.approx(2 / 8)


def test_a_failure_counts_as_if_nothing_had_been_found(case: Case) -> None:
    good = Run("a", case, 0, frozen_facts(case, outcome_of(case, SCORE, 5)))
    failed = Run("a", case, 0, failure="too few readings")
    both = measure([good, failed])
    assert both["recall"] == pytest.approx(1 / 4)
    assert both["false_positive_rate"] == pytest.approx(2 / 12)
    assert both["events_caught"] == pytest.approx(1 / 2)
    assert both["vus_pr"] == pytest.approx(good.facts["vus_pr"] / 2)
    assert both["base_rate"] == pytest.approx(2 / 8)
    assert measure([failed])["f1"] == 0


def test_a_case_without_anomalies_has_false_alarms_but_no_rank(case: Case) -> None:
    calm = replace(case, table=replace(case.table, labels=np.zeros(12, np.bool_)))
    run = Run("a", calm, 0, frozen_facts(calm, outcome_of(calm, SCORE, 5)))
    found = measure([run])
    assert found["vus_pr"] is None
    assert found["recall"] is None
    assert found["false_alarms_per_day"] == pytest.approx(2 / (7 / 24 / 60))


def test_the_trap_is_told_in_figures(case: Case) -> None:
    assert "25.0 % are labelled; flagging all of them scores F1 = 0.400" in trap_of([case])
    assert any("frozen" in remark for remark in frozen_sheet("title").remarks)
