"""The histogram of scores, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.bad_inputs import PLAIN

from tocsin.engine.scored import Scored
from tocsin.engine.scorer import load
from tocsin.service.analyses.spread import histogram_of
from tocsin.sources import open_table


@pytest.fixture(scope="module")
def scored(keen: Path) -> Scored:
    scorer = load(keen)
    path = keen.with_name("again.csv")
    path.write_text(PLAIN)
    return scorer.judge(open_table(path, expect=scorer.artifact.layout))


def with_scores(scored: Scored, score: list[float], limit: float) -> Scored:
    own = scored.verdicts
    whole = np.full(len(own), np.nan)
    whole[: len(score)] = score
    return replace(scored, verdicts=replace(own, score=whole, limit=np.where(np.isnan(whole), np.nan, limit)))


def test_bars_by_hand(scored: Scored) -> None:
    told = histogram_of(with_scores(scored, [0.0, 1, 1, 2, 4], 1.5), bins=4)
    assert told["edges"] == [0, 1, 2, 3, 4]
    assert told["count"] == [1, 2, 1, 1]
    assert (told["limit"], told["low"], told["high"], told["tail"]) == (1.5, 1.5, 1.5, False)


def test_a_long_tail_is_gathered_in_the_last_bar(scored: Scored) -> None:
    told = histogram_of(with_scores(scored, [0.0] * 54 + [1000.0], 2.0), bins=3)
    assert told["tail"]
    assert sum(told["count"]) == 55
    assert told["count"][-1] == 1
    assert told["edges"][-1] < 1000


def test_scores_that_are_all_alike(scored: Scored) -> None:
    told = histogram_of(with_scores(scored, [0.0, 0, 0], 0.0), bins=2)
    assert sum(told["count"]) == 3


def test_no_score_at_all(scored: Scored) -> None:
    assert histogram_of(with_scores(scored, [], 1.0), bins=5)["count"] == []
