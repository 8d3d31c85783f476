"""The artifact as a value: what fit returns and scoring needs."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.artifact.calibration import Calibration
from tocsin.artifact.provenance import Provenance
from tocsin.core.arrays import Float32Array, FloatArray, frozen
from tocsin.core.kinds import Kind
from tocsin.core.reference import Reference
from tocsin.core.relations import Relations
from tocsin.core.schema import Schema
from tocsin.prepare.clock import Clock
from tocsin.prepare.counters import Counters
from tocsin.prepare.impute import Impute
from tocsin.sources import Layout


@dataclass(frozen=True, eq=False)
class Artifact:
    """A trained alarm, complete.

    Parameters
    ----------
    schema
        The channels, in order.
    layout
        How the table it was trained on was read; a guide for reading others.
    window
        Readings in a window.
    clock, impute
        The prepare steps in front of the window.
    graph
        ONNX model from raw windows of shape (n, window, channels), float32, to scores; scaling is in it.
    calibration
        The limits and their evidence.
    policy
        When to ring.
    reference
        ndarray of shape (channels,), float64: each channel's usual value (the training median).
    evidence
        The normal scores that the limit was found from, with time and device, so that another can be found on them.
    provenance
        Where it comes from.
    kinds
        Kind of each channel, in order; none where all are treated alike.
    relations
        Which channels follow which, where the detector tells.
    band
        ndarray of shape (channels,), float64: how far a normal reading strays from what the graph expects, in the
        channels' units; none where the graph tells no expectation.
    examples
        ndarray of shape (k, window, channels), float32: normal windows that anomalous ones are compared with, to find
        the channels' shares; none where the graph tells them itself.
    sample
        ndarray of shape (k, window, channels), float32: normal windows that an export is calibrated and proven on; none
        in artifacts of earlier versions.
    earlier
        The calibrations that this one has replaced, oldest first.
    """

    schema: Schema
    layout: Layout
    window: int
    clock: Clock
    impute: Impute
    graph: bytes
    calibration: Calibration
    policy: Policy
    reference: FloatArray
    evidence: Reference
    provenance: Provenance
    kinds: tuple[Kind, ...] = ()
    relations: Relations = ()
    band: FloatArray = field(default_factory=lambda: np.zeros(0))
    examples: Float32Array = field(default_factory=lambda: np.zeros((0, 0, 0), np.float32))
    sample: Float32Array = field(default_factory=lambda: np.zeros((0, 0, 0), np.float32))
    earlier: tuple[Calibration, ...] = ()

    @property
    def counters(self) -> Counters:
        """The step that replaces counters by their rates; it does nothing where there are none."""
        return Counters.of(self.kinds, period_ns=self.clock.period_ns)

    @property
    def normal(self) -> Float32Array:
        """Windows with nothing strange in them, at least one: the examples, or one that holds usual values."""
        shape = (1, self.window, len(self.schema))
        return self.examples if len(self.examples) else np.broadcast_to(self.reference, shape).astype(np.float32)

    def __post_init__(self) -> None:
        for name in ("reference", "band"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        for name in ("examples", "sample"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        # labels are not sealed: with them gone, labelled anomalies would pass for normal
        object.__setattr__(self, "evidence", self.evidence.normal)
