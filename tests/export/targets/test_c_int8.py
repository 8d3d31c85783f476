"""The C target in 8 bits: proven as promised, a quarter of the size, and refused where it cannot be."""

from __future__ import annotations

import numpy as np
import pytest
from tests.export.c.conftest import HERE, calm, learned

from tocsin.artifact.artifact import Artifact
from tocsin.core.discover import names
from tocsin.core.errors import SettingError
from tocsin.engine.scorer import Scorer
from tocsin.export.golden import golden
from tocsin.export.proof import prove
from tocsin.export.starting import starting_limit
from tocsin.export.targets.c import C
from tocsin.export.targets.c_int8 import CInt8
from tocsin.training.recipe import Recipe

pytestmark = pytest.mark.skipif(not HERE, reason="there is no C compiler")

RECIPES = {
    "cnn_autoencoder": Recipe(detector="cnn_autoencoder", settings={"epochs": 20}),
    "autoencoder": Recipe(detector="autoencoder", settings={"epochs": 60, "normalisation": "window", "score": "mean"}),
    "kmeans": Recipe(detector="kmeans"),
    "pca": Recipe(detector="pca", window=20),
}


def test_both_are_found() -> None:
    assert {"c", "c_int8"} <= set(names("export.targets"))


def test_steps_that_8_bits_are_too_coarse_for_are_refused() -> None:
    recipe = Recipe(detector="pca", prepare=("denoise:db4,2",))
    artifact = learned(recipe, calm(500), ("temp", "hum", "co2"))
    with pytest.raises(
        SettingError, match=r"denoise:db4,2 is arithmetic that 8 bits are too coarse for\. Export it as c"
    ):
        CInt8().make(artifact, artifact.sample, name="room.c")


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_each_detector_is_proven_and_smaller(recipe: Recipe) -> None:
    artifact = learned(recipe, calm(1_500), ("temp", "hum", "co2"))
    made = CInt8().make(artifact, artifact.sample, name="room.c")
    proof = prove(artifact, made, golden(artifact, artifact.sample), promise=CInt8().promise)
    assert not proof.failures
    assert _agreement(artifact, made.score) > 0.99
    whole = C().make(artifact, artifact.sample, name="room.c")
    bytes_of = [
        int(next(v for k, v in each.facts.items() if k[:5] == "flash").split()[0].replace(",", ""))
        for each in (made, whole)
    ]
    assert bytes_of[0] < 0.7 * bytes_of[1]


def _agreement(artifact: Artifact, score: object) -> float:
    """Return the share of normal readings that were not learned from whose verdict is the same."""
    values = calm(3_000, seed=99)
    own = Scorer(artifact).verdicts(values)
    windows = np.lib.stride_tricks.sliding_window_view(values.astype(np.float32), artifact.window, axis=0)
    assert callable(score)
    found = score(np.ascontiguousarray(windows.transpose(0, 2, 1))).score
    return float(((found > starting_limit(artifact)) == own.anomaly[artifact.window - 1 :]).mean())
