"""The parts of an edge: signatures are asked for at the start and at a reload, and what was pushed is what judges."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.cascade.conftest import Plant, plant

from tocsin.artifact import bundle
from tocsin.cascade.probation import Conduct
from tocsin.core.errors import ArtifactError, SettingError
from tocsin.wiring.assembly import Assembly
from tocsin.wiring.edge import pushed_of
from tocsin.wiring.watch_plan import WatchPlan

__all__ = ["plant"]


def plan(plant: Plant, folder: Path, **cascade: object) -> WatchPlan:
    """Return the plan of a watch whose artifact lies in a folder of its own."""
    if not (folder / "small.tocsin").exists():
        shutil.copy(plant.folder / "configured.tocsin", folder / "small.tocsin")
    shutil.copy(plant.folder / "plant.pub", folder / "plant.pub")
    config: dict[str, dict[str, Any]] = {
        "source": {"plant": {"url": "mqtt://localhost/plant/{device}"}},
        "watch": {"rooms": {"artifact": "small.tocsin"}},
        "store": {"url": f"sqlite:///{folder}/tocsin.db"},
        "cascade": {"uplink": "mqtt://centre/tocsin", "edge": "hall-3", **cascade},
        "trust": {"keys": ["plant.pub"]},
    }
    return WatchPlan.of(config, folder=folder)


def test_an_artifact_that_nobody_signed_is_refused_at_the_start_and_at_a_reload(plant: Plant, tmp_path: Path) -> None:
    running = Assembly.of(plan(plant, tmp_path))
    shutil.copy(plant.folder / "unsigned.tocsin", tmp_path / "small.tocsin")
    with pytest.raises(ArtifactError, match=r"\[watch.rooms\] artifact: small.tocsin is not signed"):
        running.reloaded(plan(plant, tmp_path))
    with pytest.raises(ArtifactError, match="not signed"):
        Assembly.of(plan(plant, tmp_path))
    assert running.duties["plant"][0].artifact.provenance.detector == "rolling_zscore"


def test_what_was_pushed_is_what_judges_also_after_a_restart(plant: Plant, tmp_path: Path) -> None:
    settings = plan(plant, tmp_path, artifacts=True)
    running, pushed = Assembly.of(settings), pushed_of(settings)
    assert pushed is not None
    opened = pushed.open(plant.envelope("better.tocsin", 7).encode(plant.key))
    assert opened is not None
    pushed.install(opened, past=Conduct())
    for found in (Assembly.of(settings), running.reloaded(settings)):
        assert found.duties["plant"][0].artifact.provenance.detector == "pca"
    pushed.roll_back("rooms", "no")
    assert Assembly.of(settings).duties["plant"][0].artifact.provenance.detector == "rolling_zscore"
    assert bundle.load(tmp_path / "small.tocsin").provenance.detector == "rolling_zscore"


def test_nothing_unsigned_is_taken_up_and_nothing_without_an_uplink(plant: Plant, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"\[cascade\] uplink is not set"):
        Assembly.of(plan(plant, tmp_path, artifacts=True, uplink=""))
    without = WatchPlan.of(
        {
            "source": {"plant": {"url": "mqtt://localhost/plant/{device}"}},
            "watch": {"rooms": {"artifact": str(tmp_path / "small.tocsin")}},
            "cascade": {"uplink": "mqtt://centre/tocsin", "artifacts": True},
        },
        folder=tmp_path,
    )
    with pytest.raises(SettingError, match=r"\[trust\] keys is not set"):
        Assembly.of(without)


@pytest.mark.parametrize("edge", ["a/b", "+", "#"])
def test_a_name_that_no_topic_can_hold_is_refused(plant: Plant, tmp_path: Path, edge: str) -> None:
    with pytest.raises(SettingError, match="cannot be an edge's name"):
        Assembly.of(plan(plant, tmp_path, artifacts=True, edge=edge))
