"""One side's volume under the surface, in a process of its own.

Called as ``python vus_side.py tocsin|tsb_ad SETTINGS``, with settings in JSON; the last line printed is the answer.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np


def series(settings: dict[str, int]) -> tuple[Any, Any]:
    """Noise that is higher by one standard deviation in the labelled segments."""
    readings = settings["readings"]
    random, labels = np.random.default_rng(0), np.zeros(readings, bool)
    for start in random.integers(0, readings - 250, settings["segments"]):
        labels[start : start + int(random.integers(20, 250))] = True
    return labels, random.normal(size=readings) + labels


def tocsin(labels: Any, scores: Any, window: int) -> tuple[float, float]:
    from tocsin.evaluation.metrics import volumes

    found = volumes(labels, scores, window)
    assert found is not None
    return found.roc, found.pr


def tsb_ad(labels: Any, scores: Any, window: int) -> tuple[float, float]:
    from TSB_AD.evaluation.basic_metrics import basic_metricor

    *_, roc, pr = basic_metricor().RangeAUC_volume_opt(labels.astype(int), scores, window)
    return float(roc), float(pr)


def timed(side: Callable[[Any, Any, int], tuple[float, float]], settings: dict[str, int]) -> dict[str, Any]:
    """Milliseconds of one call; a first one on a few readings loads what there is to load."""
    labels, scores = series(settings)
    side(np.arange(100) < 20, scores[:100], 2)
    started = time.perf_counter()
    roc, pr = side(labels, scores, settings["window"])
    return {"ms": 1000 * (time.perf_counter() - started), "roc": roc, "pr": pr}


if __name__ == "__main__":
    task = sys.argv[1]
    answer = timed({"tocsin": tocsin, "tsb_ad": tsb_ad}[task], json.loads(sys.argv[2]))
    held = {"numpy": np.__version__, **({"tsb-ad": version("tsb-ad")} if task == "tsb_ad" else {})}
    print(json.dumps({**answer, "versions": held}))
