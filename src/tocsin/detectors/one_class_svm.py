"""A one-class support vector machine: how unlike all normal readings a new one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.progress import report
from tocsin.core.windows import Windows
from tocsin.detectors._rows import as_row, long_rows
from tocsin.detectors._settings import above, at_least, enough, installed
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class OneClassSvm(Detector):
    """One-class support vector machine: how unlike all normal readings this one is.

    It keeps the normal windows at the edge, each with a weight αᵢ, and takes for familiar what is like them, likeness
    being exp(−gamma · distance²) (Schölkopf et al. 2001, "Estimating the support of a high-dimensional distribution").
    The score is −log of the mean likeness, weighed by αᵢ: scikit-learn's ``-score_samples`` in another unit, in the
    same order, which goes on growing where that is 0. A window longer than 1 is taken as one long row. The graph gives
    no shares of channels.

    Parameters
    ----------
    nu
        Share of the normal windows that may be taken for strange, above 0 and up to 1: the more, the more of them are
        kept, and the slower and smoother it is.
    gamma
        How quickly likeness fades with distance, per squared scaled unit. "scale": 1 / (columns · mean variance).
    max_windows
        Learn from at most so many windows, evenly spaced over the whole time: the time that training takes grows with
        their square.

    Examples
    --------
    >>> OneClassSvm(nu=0.1).gamma
    'scale'
    """

    default_window: ClassVar[int] = 5
    default_scale: ClassVar[str] = "zscore"
    random: ClassVar[bool] = False

    nu: float = 0.05
    gamma: float | Literal["scale"] = "scale"
    max_windows: int = 5_000

    def __post_init__(self) -> None:
        if not 0 < self.nu <= 1:
            raise SettingError(f"nu is {self.nu!r}.", remedy="It must be a share above 0 and up to 1.")
        if self.gamma != "scale":
            above("gamma", self.gamma, 0)
        at_least("max_windows", self.max_windows, 2)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Find the windows at the edge of the normal ones and write the likeness to them down as matrix products."""
        installed("Training a one-class support vector machine", library="scikit-learn", module="sklearn")
        enough(windows)
        rows = long_rows(windows, most=self.max_windows)
        centre = rows.mean(axis=0).astype(np.float32)  # as the graph has it
        unit = float(1 / np.sqrt(self._gamma(rows)))
        report("training", 0, 1, f"{len(rows)} windows")
        machine = self._machine().fit((rows - centre) / unit)
        report("training", 1, 1, f"{len(machine.support_)} of {len(rows)} windows are kept")
        network = Network(window=windows.length, channels=windows.channels)
        return network.seal(_unlikeness(network, machine, centre=centre, unit=unit))

    def _gamma(self, rows: FloatArray) -> float:
        if self.gamma != "scale":
            return self.gamma
        variance = float(rows.var(axis=0).mean())
        return 1.0 / (rows.shape[1] * variance) if variance > 0 else 1.0

    def _machine(self) -> Any:
        from sklearn.svm import OneClassSVM as SklearnMachine

        machine = SklearnMachine(nu=self.nu, gamma=1.0, cache_size=500)
        machine.random_state = 0  # or it would draw, for nothing, from NumPy's global generator
        return machine


def _unlikeness(network: Network, machine: Any, *, centre: Float32Array, unit: float) -> str:
    """Add −log Σ wᵢ exp(−|x − sᵢ|²), Σ wᵢ = 1; rows x are centred and in units of 1 / √gamma, as the kept sᵢ are.

    −|x − sᵢ|² + log wᵢ is one product, 2 x·sᵢ, and two sums. The operator ``Log`` rounds a window differently in other
    company; ``LogSoftmax``, which takes the logarithm of that sum off each term, does not.
    """
    kept, weight = machine.support_vectors_, machine.dual_coef_[0]
    row = as_row(network, centre=centre, unit=unit)
    squares = network.op("MatMul", network.op("Mul", row, row), network.constant(np.ones((kept.shape[1], 1))))
    product = network.op("MatMul", row, network.constant(2 * kept.T))
    constants = network.constant(np.log(weight / weight.sum()) - (kept**2).sum(axis=1))
    near = network.op("Sub", network.op("Add", product, constants), squares)
    less, most = (
        network.op("ReduceMax", terms, network.integers([1]), attributes={"keepdims": 0})
        for terms in (network.op("LogSoftmax", near, attributes={"axis": 1}), near)
    )
    return network.op("Max", network.op("Sub", less, most), network.constant(0))
