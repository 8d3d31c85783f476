"""Measures that are ratios of counts: of those a bootstrap can draw thousands of samples at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.evaluation.outcome import Outcome

Formula: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
"""Counts of tp, fp, fn, tn, each of shape (samples,), to the ratio's two parts, part and whole."""


@dataclass(frozen=True)
class Counted:
    """A ratio of the counts of right and wrong flags, as a function of an outcome.

    Parameters
    ----------
    name
        As in :class:`~tocsin.evaluation.metrics.points.PointMetrics`.
    formula
        From tp, fp, fn, tn to the two parts of the ratio.

    Examples
    --------
    >>> COUNTED["precision"].ratio(np.array([[6.0, 2.0, 3.0, 89.0], [0.0, 0.0, 1.0, 9.0]]))
    array([0.75,  nan])
    """

    name: str
    formula: Formula

    def __call__(self, outcome: Outcome) -> float | None:
        """Return the ratio, of ``outcome.anomaly`` against the labels; None where it is undefined."""
        found = float(self.ratio(self.counts(outcome).sum(axis=0, dtype=np.float64)[None, :])[0])
        return None if np.isnan(found) else found

    def counts(self, outcome: Outcome) -> BoolArray:
        """Return what each reading counts as: tp, fp, fn, tn, shape (n, 4); unscored readings count as nothing."""
        truth, said, known = outcome.labels, outcome.anomaly, outcome.scored
        kinds = (truth & said, ~truth & said, truth & ~said, ~truth & ~said)
        return np.stack([kind & known for kind in kinds], axis=1)

    def ratio(self, counts: FloatArray) -> FloatArray:
        """Return the ratio of each row of counts, shapes (samples, 4) to (samples,); NaN where it is undefined."""
        part, whole = self.formula(*counts.T)
        return np.asarray(np.divide(part, whole, out=np.full(len(counts), np.nan), where=whole > 0))


COUNTED: Mapping[str, Counted] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            Counted("precision", lambda tp, fp, fn, tn: (tp, tp + fp)),  # noqa: ARG005  # one signature for all
            Counted("recall", lambda tp, fp, fn, tn: (tp, tp + fn)),  # noqa: ARG005  # one signature for all
            Counted("f1", lambda tp, fp, fn, tn: (2 * tp, 2 * tp + fp + fn)),  # noqa: ARG005  # one signature for all
            Counted("accuracy", lambda tp, fp, fn, tn: (tp + tn, tp + fp + fn + tn)),
            Counted("false_positive_rate", lambda tp, fp, fn, tn: (fp, fp + tn)),  # noqa: ARG005  # the same
            Counted("false_negative_rate", lambda tp, fp, fn, tn: (fn, fn + tp)),  # noqa: ARG005  # the same
        )
    }
)
"""The ratios of :class:`~tocsin.evaluation.metrics.points.PointMetrics`, by name."""
