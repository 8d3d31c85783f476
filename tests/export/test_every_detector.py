"""Every detector through every target: proven and written, or refused with what to do instead, and nothing between."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.engine.verify import verify
from tocsin.export.choose import target_of
from tocsin.export.export import export
from tocsin.export.refused import ExportRefusedError
from tocsin.sources import open_table
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe

pytestmark = pytest.mark.slow

WANTED = ("onnx", "onnx-int8", "onnx-int8 arithmetic=integer", "c", "c-int8")
DETECTORS = [name for name in names("detectors") if name not in ("auto", "beyond_range")]
"""All but those that stand for others."""

IN_8_BITS_ALREADY = {"limits", "ewma", "rolling_zscore", "isolation_forest", "random_forest"}
"""Without a matrix of weights to be rounded."""


def refusal(artifact: Artifact, wanted: str, out: Path) -> SettingError | ExportRefusedError | None:
    """Return why an export is refused; None where it is written."""
    name, *settings = wanted.split()
    try:
        export(artifact, target_of(name, settings), out)
    except (SettingError, ExportRefusedError) as error:
        return error
    return None


@pytest.mark.parametrize("detector", DETECTORS)
def test_it_is_proven_or_refused(detector: str, room: Path, tmp_path: Path) -> None:
    settings = {"epochs": 2} if "epochs" in load("detectors", detector).__dataclass_fields__ else {}
    artifact = fit(room, Recipe(detector=detector, settings=settings, window=16)).artifact
    suffix = {wanted: ".c" if wanted.startswith("c") else ".tocsin" for wanted in WANTED}
    places = {wanted: tmp_path / f"{k}{suffix[wanted]}" for k, wanted in enumerate(WANTED)}
    refused = {wanted: refusal(artifact, wanted, place) for wanted, place in places.items()}
    written = {wanted: place for wanted, place in places.items() if place.exists()}
    assert all((error is None) == (wanted in written) for wanted, error in refused.items())
    assert all(error is None or error.remedy for error in refused.values())
    assert "onnx" in written
    assert "onnx-int8" not in written or detector not in IN_8_BITS_ALREADY
    table = open_table(room)
    for place in written.values():
        if place.suffix == ".tocsin":
            checks = verify(bundle.load(place), table.readings.take(slice(0, 150)), table.devices)
            assert all(check.passed for check in checks)
