"""A search is worth having where it pays on readings that it was not chosen on, and the result says whether."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest

from tocsin.evaluation.judgement import Judgement, judge
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.scoreboard import Row
from tocsin.training.recipe import Recipe
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.space import Space
from tocsin.training.tune.tuning import Tried, Tuning


def ranked(place: int) -> Judgement:
    """Return the judgement of scores in which one labelled reading stands at ``place`` of 20: AUC-PR 1 / place."""
    labels = np.arange(20) == 7
    score = np.where(labels, 20.5 - place, np.arange(20.0) + (np.arange(20) < 7))
    nothing = np.zeros(20, np.bool_)
    return judge(
        Outcome(
            labels=labels,
            score=score,
            anomaly=nothing,
            told=nothing,
            limit=np.full(20, 100.0),
            time=np.arange(20),
            device=np.zeros(20, np.int64),
        )
    )


def tuning(tuned: Sequence[int] | None, untuned: Sequence[int]) -> Tuning:
    better = Recipe(detector="isolation_forest", settings={"trees": 50})
    point = (("trees", "50"),)
    tried = (Tried(0, (("trees", "200"),), 0.2, {}, 1.0), Tried(1, point, 0.3, {}, 1.0), Tried(2, point, 0.3, {}, 0.0))
    rows = [Row("untuned", tuple(map(ranked, untuned))), Row("max |z|", (ranked(9),))]
    if tuned is not None:
        rows.insert(0, Row("tuned", tuple(map(ranked, tuned))))
    space = Space((Axis("trees", ("50", "200")),))
    return Tuning("auc_pr", "labels", tried, space, Recipe(detector="isolation_forest"), better, tuple(rows))


@pytest.mark.parametrize(
    ("tuned", "untuned", "paid"),
    [
        ((1, 1), (2, 2), True),
        ((2, 2), (1, 1), False),
        ((2, 2), (2, 2), False),
        ((1, 3), (2, 2), False),  # better in the mean, not with each seed
        ((10, 10), (11, 11), False),  # 1/10 − 1/11 is less than the margin
        ((), (2, 2), False),  # failed
        (None, (2, 2), False),  # nothing better was found
    ],
)
def test_it_pays_where_it_is_better_each_time_and_by_a_margin(
    tuned: Sequence[int] | None, untuned: Sequence[int], paid: bool
) -> None:
    found = tuning(tuned, untuned)
    assert found.paid == paid
    assert found.recommended == (found.tuned if paid else found.untuned)


def test_gains_are_told_for_each_seed() -> None:
    assert tuning((1, 2), (2, 4)).gains == pytest.approx((0.5, 0.25))


def test_of_equal_trials_the_first_is_best() -> None:
    assert tuning((1,), (2,)).best.place == 1


def test_it_can_be_written_as_json() -> None:
    told = json.loads(json.dumps(tuning((1,), (2,)).as_dict()))
    assert told["recommended"] == "tuned"
    assert told["space"] == ["trees=50,200"]
    assert told["tried"][0] == {
        "place": 0,
        "point": {"trees": "200"},
        "value": 0.2,
        "figures": {},
        "seconds": 1.0,
        "failure": "",
    }
    assert [row["name"] for row in told["later"]] == ["tuned", "untuned", "max |z|"]
