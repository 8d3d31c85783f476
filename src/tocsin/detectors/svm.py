"""A support vector machine: learns from labels where the border between normal and anomalous readings lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors._labelled import ClassWeight, chosen, labels_of, share_in_range
from tocsin.detectors._settings import above, at_least, installed, one_of
from tocsin.graph.network import Network

_LARGEST = 1e15
"""Distances are cut here: the square of anything greater would leave float32."""


@dataclass(frozen=True, kw_only=True)
class Svm(Detector):
    """Support vector machine: on which side of a learned border this reading lies, and how far from it.

    It learns from labels, and knows only the kinds of anomalies that it was shown. The border is that of Cortes &
    Vapnik (1995, "Support-vector networks") with the kernel exp(−gamma · distance²); the score, from 0 to 1, is
    1 / (1 + exp(−d)) of scikit-learn's decision value d, .5 on the border. A window longer than 1 is taken as one long
    row, and learned as an anomaly if its last reading is one. The graph gives no shares of channels.

    Parameters
    ----------
    c
        Price of a reading on the wrong side; more bends the border further around single readings.
    gamma
        How quickly likeness fades with distance, per squared scaled unit. "scale": 1 / (columns · mean variance).
    class_weight
        "balanced": all anomalies together weigh as much as all normal readings. "none": each reading weighs the same.
    oversample
        Share of anomalies that drawing them again, at random, shall bring the readings to; 0 for off.
    max_windows
        Learn from at most so many windows: the time that training takes grows with their square, that of scoring with
        the number of them near the border. Normal ones are left out first, evenly spaced over the whole time.

    Examples
    --------
    >>> Svm(c=10, gamma=0.1).class_weight
    'balanced'
    """

    default_window: ClassVar[int] = 1
    default_scale: ClassVar[str] = "zscore"
    needs_labels: ClassVar[bool] = True

    c: float = 1.0
    gamma: float | Literal["scale"] = "scale"
    class_weight: ClassWeight = "balanced"
    oversample: float = 0.0
    max_windows: int = 5_000

    def __post_init__(self) -> None:
        above("c", self.c, 0)
        if self.gamma != "scale":
            above("gamma", self.gamma, 0)
        at_least("max_windows", self.max_windows, 2)
        one_of("class_weight", self.class_weight, ("balanced", "none"))
        share_in_range("oversample", self.oversample)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Find the border between labelled ``windows`` and write it down as two matrix products."""
        installed("Training a support vector machine", library="scikit-learn", module="sklearn")
        labels = labels_of(windows)
        which = chosen(labels, most=self.max_windows, oversample=self.oversample, seed=seed)
        report("training", 0, 1, f"{len(which)} windows")
        rows = windows.take(which).reshape(len(which), -1).astype(np.float64)
        centre = rows.mean(axis=0).astype(np.float32)  # as the graph has it
        unit = np.sqrt(self._gamma(rows))
        machine = self._machine().fit((rows - centre) * unit, labels[which])
        report("training", 1, 1, f"{len(machine.support_)} of {len(which)} windows support the border")
        network = Network(window=windows.length, channels=windows.channels)
        return network.seal(_logistic(network, _decision(network, machine, centre=centre, unit=unit)))

    def _gamma(self, rows: FloatArray) -> float:
        if self.gamma != "scale":
            return self.gamma
        variance = float(rows.var(axis=0).mean())
        return 1.0 / (rows.shape[1] * variance) if variance > 0 else 1.0

    def _machine(self) -> Any:
        from sklearn.svm import SVC

        weight = None if self.class_weight == "none" else self.class_weight
        return SVC(C=self.c, gamma=1.0, class_weight=weight, cache_size=500, random_state=0)


def _decision(network: Network, machine: Any, *, centre: Float32Array, unit: float) -> str:
    """Add Σ αᵢ exp(−|x − sᵢ|²) + b; rows x are centred and in units of 1 / √gamma, as the supports sᵢ are.

    The squared distance is one matrix product: (x, |x|², 1) · (2s, −1, −|s|²). Centring keeps its terms small, so that
    little cancels in float32.
    """
    supports = machine.support_vectors_
    columns = supports.shape[1]
    flat = network.op("Reshape", network.input, network.integers([-1, columns]))
    shifted = network.op("Mul", network.op("Sub", flat, network.constant(centre)), network.constant(unit))
    rows = network.op("Clip", shifted, network.constant(-_LARGEST), network.constant(_LARGEST))
    squares = network.op("MatMul", network.op("Mul", rows, rows), network.constant(np.ones((columns, 1))))
    product = network.op("MatMul", rows, network.constant(2 * supports.T))
    near = network.op("Sub", network.op("Sub", product, squares), network.constant((supports**2).sum(axis=1)))
    kernel = network.op("Exp", network.op("Min", near, network.constant(0)))
    weighed = network.op("MatMul", kernel, network.constant(machine.dual_coef_.T))
    value = network.op("Add", weighed, network.constant(machine.intercept_))
    return network.op("Reshape", value, network.integers([-1]))


def _logistic(network: Network, value: str) -> str:
    """Add 1 / (1 + exp(−value)); the operator ``Sigmoid`` loses the small ones, which are most."""
    odds = network.op("Exp", network.op("Neg", value))
    return network.op("Reciprocal", network.op("Add", network.constant(1), odds))
