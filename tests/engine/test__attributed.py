"""What is said of a score that was taken apart holds only numbers that mean something."""

from __future__ import annotations

import numpy as np
import polars as pl

from tocsin.engine._attributed import attribute
from tocsin.sources import open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe


def test_without_a_rise_no_error_of_its_parts_is_told() -> None:
    rng = np.random.default_rng(0)
    frame = pl.DataFrame({f"c{k:02}": rng.normal(size=300) for k in range(12)})
    artifact = train(open_table(frame), Recipe(detector="pca", threshold="percentile:99"))
    calm = np.broadcast_to(artifact.reference, (artifact.window, 12)).astype(np.float32)
    found = attribute(artifact, calm, method="shap", seed=0)
    assert found.notes == ("Usual values throughout score no less than this: there is no rise to take apart.",)
    strange = calm + np.eye(1, 12, dtype=np.float32) * 9
    assert "a portion's standard error is at most" in attribute(artifact, strange, method="shap", seed=0).notes[-1]
