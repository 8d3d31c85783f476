"""A limit from sketches: the fleet's percentile within a per cent, and what cannot be found is said."""

from __future__ import annotations

import numpy as np
import pytest
from tests.cascade.conftest import Plant

from tocsin.artifact import bundle
from tocsin.cascade.observed import Observed
from tocsin.cascade.relimit import relimited
from tocsin.core.errors import InputError, SettingError
from tocsin.core.sketch import Sketch
from tocsin.engine.live.duty import Duty


def test_the_limit_is_the_fleets_percentile(plant: Plant) -> None:
    artifact = bundle.load(plant.folder / "better.tocsin")
    scores = np.random.default_rng(0).lognormal(size=(3, 4_000))
    observed = [Observed("", Duty(artifact).version, scores=Sketch().plus(own)) for own in scores]
    found = relimited(artifact, observed, "percentile:99.9")
    limit = float(getattr(found.calibration.limits, "limit", np.nan))
    assert limit == pytest.approx(np.quantile(scores, 0.999, method="lower"), rel=0.01)
    assert found.calibration.scores == 12_000
    assert "12,000 scores that edges told as sketches, to within 1 %" in found.calibration.said[0]
    assert found.earlier[-1] == artifact.calibration
    assert found.graph == artifact.graph


def test_too_few_scores_are_warned_of(plant: Plant) -> None:
    artifact = bundle.load(plant.folder / "better.tocsin")
    few = Observed("", Duty(artifact).version, scores=Sketch().plus(np.arange(1.0, 50.0)))
    assert "Only 49 scores" in relimited(artifact, [few], None).calibration.warnings[1]


def test_what_cannot_be_found_is_said(plant: Plant) -> None:
    artifact = bundle.load(plant.folder / "better.tocsin")
    with pytest.raises(SettingError, match="a percentile can be found, no pot"):
        relimited(artifact, [], "pot:1e-4")
    with pytest.raises(InputError, match="No edge has told"):
        relimited(artifact, [], None)
    with pytest.raises(InputError, match="No sketch"):
        relimited(artifact, [Observed("", Duty(artifact).version)], None)
