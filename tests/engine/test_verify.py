"""The promise of identical scores: kept by every detector on messy readings, and broken by planted defects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.engine.conftest import gathering, messy

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError
from tocsin.core.verdicts import Status
from tocsin.engine.pipeline import Pipeline
from tocsin.engine.ring import Filling, Framed, Recent, Ring
from tocsin.engine.verify import verify

DEVICES = ("one", "two", "late")


def failures(artifact: Artifact, **given: Any) -> dict[str, str]:
    checks = list(verify(artifact, messy(), DEVICES, **given))
    assert len(checks) == 5
    return {check.name: check.difference for check in checks if not check.passed}


@pytest.mark.parametrize("aligned", [False, True], ids=["each reading by itself", "gathered on a grid"])
def test_messy_fleets_are_scored_identically_however_they_are_cut(artifact: Artifact, aligned: bool) -> None:
    assert failures(gathering(artifact) if aligned else artifact) == {}


def test_the_messy_fleet_really_is_messy(zscore: Artifact) -> None:
    pipeline = Pipeline(zscore)
    pipeline.join(DEVICES)
    verdicts = pipeline.push(messy())
    assert {Status(code).name for code in verdicts.status} == {"ok", "warming", "gap", "late", "invalid"}
    assert len(verdicts.events) >= 2


def test_scaling_that_looks_at_the_batch_is_caught(zscore: Artifact) -> None:
    assert set(failures(replace(zscore, graph=_scaled_by_batch()))) >= {"row by row", "random slices"}


def test_state_that_leaks_between_devices_is_caught(zscore: Artifact) -> None:
    class Leaking(Pipeline):
        def _keep(self, name: str, devices: Any, part: Any) -> None:
            super()._keep(name, devices, part)
            if name == "impute":
                self._memory.impute.value[:] = part.value[-1]

    assert set(failures(zscore, make=Leaking)) >= {"row by row", "a fleet at once"}


def test_a_window_off_by_one_is_caught(zscore: Artifact) -> None:
    class OffByOne(Ring):
        def step(self, state: Recent, x: Filling) -> tuple[Recent, Framed]:
            after, framed = super().step(state, x)
            return replace(after, window=np.roll(after.window, 1, axis=1)), framed

    class Shifted(Pipeline):
        def __init__(self, artifact: Artifact) -> None:
            super().__init__(artifact)
            self._ring = OffByOne(artifact.window, len(artifact.schema))

    found = failures(zscore, make=Shifted)
    assert "row by row" in found
    assert "score is" in found["row by row"]


def test_a_snapshot_that_forgets_is_caught(zscore: Artifact) -> None:
    class Forgetful(Pipeline):
        def restore(self, snapshot: bytes) -> None:
            super().restore(snapshot)
            self._memory.ring.clean[:] = 0

    assert set(failures(zscore, make=Forgetful)) == {"snapshot and restore"}


def _scaled_by_batch() -> bytes:
    """Return a graph whose score is the last value less the mean of the batch it comes in."""
    import onnx
    from onnx import TensorProto as Kind
    from onnx import helper

    from tocsin.graph.versions import IR_VERSION, OPSET

    nodes = [
        helper.make_node("ReduceMean", ["window"], ["mean"], keepdims=1),
        helper.make_node("Sub", ["window", "mean"], ["centred"]),
        helper.make_node("Abs", ["centred"], ["far"]),
        helper.make_node("ReduceMax", ["far", "axes"], ["score"], keepdims=0),
    ]
    graph = helper.make_graph(
        nodes,
        "by_batch",
        [helper.make_tensor_value_info("window", Kind.FLOAT, ["n", 12, 2])],
        [helper.make_tensor_value_info("score", Kind.FLOAT, ["n"])],
        [onnx.numpy_helper.from_array(np.array([1, 2]), "axes")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    return bytes(model.SerializeToString())


def test_nothing_compared_is_no_proof(zscore: Artifact) -> None:
    with pytest.raises(InputError, match="nothing to compare"):
        next(verify(zscore, messy().take(slice(0, 3)), DEVICES))
