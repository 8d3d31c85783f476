"""The toy that thresholds are tried on, and the bytes that each remembers of a device."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.core.discover import names
from tocsin.core.state import to_arrays
from tocsin.testing.threshold_toy import bytes_a_device, toy_limits, toy_reference


def test_events_are_of_ten_scores_far_above_the_rest() -> None:
    plain, labelled = toy_reference(), toy_reference(labelled=True)
    assert plain.labels is None
    assert labelled.labels is not None
    assert labelled.labels.sum() == 400
    assert labelled.score[labelled.labels].min() > plain.score.max()
    assert plain.ringing is not None
    assert len(plain.ringing(3.0, 1)) == np.count_nonzero(np.diff(1 * (plain.score > 3), prepend=0) > 0)


@pytest.mark.parametrize("name", names("thresholds"))
def test_what_is_remembered_never_grows_and_is_the_same_for_every_device(name: str) -> None:
    limits = toy_limits(name)
    state, stated = limits.init(3), bytes_a_device(limits)
    assert stated < 4096
    for score in np.abs(np.random.default_rng(0).standard_normal((300, 3))) + 2:
        state, _ = limits.step(state, score)
    assert sum(array.nbytes for array in to_arrays(state).values()) == 3 * stated
