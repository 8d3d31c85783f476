"""The limit that an export is compared at: one number, also where the artifact's own limit moves."""

from __future__ import annotations

import numpy as np

from tocsin.artifact.artifact import Artifact


def starting_limit(artifact: Artifact) -> float:
    """Return the limit that a device begins with; where limits adapt, later ones differ from device to device.

    >>> from types import SimpleNamespace
    >>> from tocsin.thresholds.fixed import Fixed
    >>> from tocsin.core.reference import Reference
    >>> none = np.zeros(0)
    >>> limits = Fixed(3.5).fit(Reference(none, none.astype(int), none.astype(int), period_ns=1)).limits
    >>> starting_limit(SimpleNamespace(calibration=SimpleNamespace(limits=limits)))
    3.5
    """
    limits = artifact.calibration.limits
    _, bounds = limits.step(limits.init(1), np.zeros(1))
    return float(bounds.limit[0])
