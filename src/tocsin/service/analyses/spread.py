"""How scores are spread: a histogram with the limit in it, whose last bar gathers a long tail."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.engine.scored import Scored

_TAIL = 3.0
"""Times the limit up to which scores have bars of their own."""


def histogram_of(scored: Scored, *, bins: int) -> dict[str, Any]:
    """Return edges, counts and the limit; ``tail`` says that the last bar holds scores beyond its edge.

    ``low`` and ``high`` are the least and the greatest limit in force, where it moves.
    """
    score, limit = scored.verdicts.score, scored.verdicts.limit
    score, limit = score[np.isfinite(score)], limit[np.isfinite(limit)]
    if not len(score) or not len(limit):
        return {"edges": [], "count": [], "limit": None, "low": None, "high": None, "tail": False}
    bounds = float(limit.min()), float(np.median(limit)), float(limit.max())
    low = float(score.min())
    top = float(min(score.max(), max(_TAIL * bounds[2], np.quantile(score, 0.99))))
    top = top if top > low else low + max(abs(low), 1.0)
    counts, edges = np.histogram(np.minimum(score, top), bins=bins, range=(low, top))
    return {
        "edges": edges.tolist(),
        "count": counts.tolist(),
        "limit": bounds[1],
        "low": bounds[0],
        "high": bounds[2],
        "tail": bool(score.max() > top),
    }
