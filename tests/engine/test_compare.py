from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.engine.conftest import BEGIN, MINUTE, calm, gathering

from tocsin.artifact.artifact import Artifact
from tocsin.engine.compare import notes_of
from tocsin.engine.reporting import report_of
from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, Table, open_table


def table_every(step: int, overrides: Overrides = Overrides()) -> Table:  # noqa: B008  # frozen
    values = calm(60)
    time = np.datetime64(BEGIN, "ns") + np.arange(60) * np.timedelta64(step, "ns")
    return open_table(pl.DataFrame({"time": time, "a": values[:, 0], "b": values[:, 1]}), overrides=overrides)


@pytest.mark.parametrize(("step", "words"), [(MINUTE // 10, "6 s"), (10 * MINUTE, "10 min")])
def test_another_cadence_is_told(zscore: Artifact, step: int, words: str) -> None:
    assert notes_of(table_every(step), zscore) == (
        f"The table's readings come every {words}, the artifact was trained on every 1 min: "
        "its windows would cover another time.",
    )


@pytest.mark.parametrize("step", [MINUTE, MINUTE * 4 // 3, MINUTE * 3 // 4])
def test_about_the_same_cadence_is_not(zscore: Artifact, step: int) -> None:
    assert notes_of(table_every(step), zscore) == ()


def test_readings_that_are_gathered_may_come_faster_but_not_slower(zscore: Artifact) -> None:
    assert notes_of(table_every(MINUTE // 10), gathering(zscore)) == ()
    assert "many of its bins would be empty" in notes_of(table_every(10 * MINUTE), gathering(zscore))[0]


def test_rows_have_no_cadence(zscore: Artifact) -> None:
    assert notes_of(table_every(10 * MINUTE, Overrides(time_format="row")), zscore) == ()
    counted = replace(zscore, provenance=replace(zscore.provenance, row_clock=True))
    assert notes_of(table_every(10 * MINUTE), counted) == ()


def test_the_report_says_so(zscore: Artifact) -> None:
    table = table_every(10 * MINUTE)
    report = report_of(Scorer(zscore).judge(table), zscore, title="slow")
    assert tuple(report.notes) == notes_of(table, zscore)
