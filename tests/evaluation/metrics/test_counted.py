from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evaluation.metrics.counted import COUNTED
from tocsin.evaluation.metrics.points import point_metrics
from tocsin.evaluation.outcome import Outcome


@pytest.mark.parametrize("name", sorted(COUNTED))
@given(rows=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=30))
def test_equals_the_point_metric_of_its_name(name: str, rows: list[tuple[bool, bool, bool]]) -> None:
    labels, flags, scored = (np.array([row[k] for row in rows], dtype=bool) for k in range(3))
    outcome = Outcome(
        labels=labels,
        score=np.where(scored, 1.0, np.nan),
        anomaly=flags,
        told=flags,
        limit=np.ones(len(rows)),
        time=np.arange(len(rows)),
        device=np.zeros(len(rows), np.int64),
    )
    expected = getattr(point_metrics(labels, flags, scored=scored), name)
    assert COUNTED[name].name == name
    assert COUNTED[name](outcome) == (None if expected is None else pytest.approx(expected))
