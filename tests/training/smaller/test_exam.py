"""The exam: labels where there are some, else faults in the last part; and what is lost is what the metric says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe
from tocsin.training.smaller.exam import PAPERS, marked, papers_of

BEGIN = np.datetime64("2024-03-01", "ns")


@pytest.fixture(scope="module")
def calm() -> Table:
    rng = np.random.default_rng(2)
    flow, heat = rng.normal(size=(2, 1200))
    time = BEGIN + np.arange(1200) * np.timedelta64(60, "s")
    return open_table(pl.DataFrame({"time": time, "flow": flow, "heat": flow + 0.2 * heat}))


@pytest.fixture(scope="module")
def teacher(calm: Table) -> Artifact:
    return train(calm, Recipe(detector="pca", window=4))


def test_without_labels_faults_lie_in_the_last_part_and_differ(calm: Table) -> None:
    papers = papers_of(calm, None, seed=0)
    assert len(papers) == PAPERS
    for paper in papers:
        assert paper.table.labels is not None
        assert paper.judged.sum() == pytest.approx(0.3 * len(calm), abs=2)
        assert not paper.table.labels[~paper.judged].any()
        assert paper.table.labels[paper.judged].any()
    first, second = (paper.table.readings.values for paper in papers[:2])
    assert not np.array_equal(first, second)


def test_labelled_readings_are_judged_as_they_are(calm: Table) -> None:
    labels = np.arange(len(calm)) % 100 < 5
    (paper,) = papers_of(calm, replace(calm, labels=labels), seed=0)
    assert paper.judged.all()
    np.testing.assert_array_equal(paper.table.labels, labels)
    with pytest.raises(InputError, match="have no anomaly"):
        papers_of(calm, calm, seed=0)


def test_nothing_is_lost_by_the_teacher_itself_and_much_by_one_that_looks_elsewhere(
    calm: Table, teacher: Artifact
) -> None:
    paper = papers_of(calm, None, seed=0)[0]
    same = marked(paper, paper.outcome(teacher), teacher)
    assert (same.loss, same.agreement) == (0.0, 1.0)
    blind = train(calm, Recipe(detector="rolling_zscore", window=40))
    worse = marked(paper, paper.outcome(teacher), blind)
    assert worse.before == same.before
    assert worse.loss == worse.before - worse.after
    assert worse.agreement < 1
