"""What rounding has to pass: nothing is said against the same scores, and turned verdicts are counted."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from tocsin.artifact.artifact import Artifact
from tocsin.export._int8_exam import Exam


def times(graph: bytes, factor: float) -> bytes:
    """Return a graph whose scores are so many times as great."""
    model = onnx.load_from_string(graph)
    for node in model.graph.node:
        node.input[:] = ["inner" if name == "score" else name for name in node.input]
        node.output[:] = ["inner" if name == "score" else name for name in node.output]
    model.graph.initializer.append(numpy_helper.from_array(np.array(factor, np.float32), "by"))
    model.graph.node.append(helper.make_node("Mul", ["inner", "by"], ["score"]))
    return bytes(model.SerializeToString())


@pytest.mark.parametrize(("factor", "turned"), [(1.0, False), (1.02, False), (0.9, True), (1.5, True)])
def test_verdicts_that_turn_beyond_half_the_margin_are_counted(artifact: Artifact, factor: float, turned: bool) -> None:
    harm = Exam(artifact, artifact.sample, margin=0.05).harm(times(artifact.graph, factor))
    assert (harm.turned > 0) == turned
    assert harm.typical == pytest.approx(abs(factor - 1), rel=0.5)
