"""The volume under the surface, beside the package that published tables were made with."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from typing import Any

from speed.children import Variant, interleaved, median, say
from speed.line import Line

READINGS, WINDOW = 30_000, 100
MANY, WIDE = 100_000, 125


def vus(*, repeats: int) -> tuple[list[Line], dict[str, Any]]:
    """Milliseconds for both volumes of one series with some 20 labelled segments, and how far the two sides differ."""
    both = [Variant("tocsin", sys.executable, "vus_side.py", "tocsin", _series(READINGS, WINDOW))]
    if find_spec("TSB_AD"):
        both.append(Variant("tsb-ad", sys.executable, "vus_side.py", "tsb_ad", _series(READINGS, WINDOW)))
    else:
        say("vus: without tsb-ad beside it; pip install --no-deps tsb-ad==1.5 statsmodels patsy")
    found = interleaved(both, repeats)
    large = Variant("tocsin, long", sys.executable, "vus_side.py", "tocsin", _series(MANY, WIDE))
    found |= interleaved([large], repeats)
    ours, long = median(found["tocsin"], "ms"), median(found["tocsin, long"], "ms")
    what = f"{READINGS:,} readings, window {WINDOW}"
    lines = [Line("vus", what, ours, "ms")]
    if "tsb-ad" in found:
        theirs = median(found["tsb-ad"], "ms")
        lines = [Line("vus", what, ours, "ms", "tsb-ad", theirs, theirs / ours, 10.0), _difference(found)]
    lines.append(
        Line("vus", f"{MANY:,} readings, window {WIDE}", long, "ms", aim=200, judged="value", lower_is_better=True)
    )
    return lines, found


def _series(readings: int, window: int) -> dict[str, int]:
    return {"readings": readings, "window": window, "segments": 20}


def _difference(found: dict[str, list[dict[str, Any]]]) -> Line:
    ours, theirs = found["tocsin"][0], found["tsb-ad"][0]
    most = max(abs(ours[name] - theirs[name]) for name in ("roc", "pr"))
    return Line("vus", "largest difference", most, "", aim=1e-6, judged="value", lower_is_better=True)
