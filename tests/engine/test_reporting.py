"""What a report is given of an artifact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.engine.reporting import band_of


def test_of_a_counter_a_rate_is_expected_which_is_not_drawn(zscore: Artifact) -> None:
    told = replace(zscore, band=np.array([0.5, 2.0]), kinds=("real", "counter"))
    np.testing.assert_array_equal(band_of(told), [0.5, np.nan])
    assert told.band.tolist() == [0.5, 2.0]


def test_where_nothing_is_expected_there_is_no_band(zscore: Artifact) -> None:
    assert band_of(replace(zscore, band=np.zeros(0), kinds=("real", "counter"))).shape == (0,)
