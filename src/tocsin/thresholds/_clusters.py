"""In how many clusters high scores come: neighbours are alike, and ten of them may tell no more than one."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import IntArray

_BUNCHED = 0.2
"""High scores are worth no less than this share of as many independent ones: a daily cycle bunches them as well."""


def clusters(places: IntArray) -> float:
    """Return in how many clusters high scores at some ``places`` of a series come, by the gaps between them.

    Ferro & Segers (2003), "Inference for clusters of extreme values", equation 5.

    >>> clusters(np.arange(0, 1000, 10)), round(clusters(np.r_[0:10, 500:510, 1000:1010]))
    (100.0, 6)
    """
    gap = np.diff(places).astype(np.float64)
    least = 1 if len(gap) and gap.max() > 2 else 0
    product = float(((gap - least) * (gap - 2 * least)).sum())
    share = 2 * float((gap - least).sum()) ** 2 / (len(gap) * product) if product > 0 else 1.0
    return len(places) * min(1.0, max(_BUNCHED, share))
