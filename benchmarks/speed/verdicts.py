"""What thresholds and policy add to scoring where a fleet is judged at once."""

from __future__ import annotations

import sys
from typing import Any

from speed.children import Variant, interleaved, median
from speed.line import Line

DEVICES = 10_000
GRAPHS = {"lstm_autoencoder": "LSTM autoencoder", "ensemble": "the default's graph"}
SHARE = 0.05
"""What threshold and policy may cost a verdict, as a share of scoring its window with the reference network."""


def verdicts(*, repeats: int) -> tuple[list[Line], dict[str, Any]]:
    """Nanoseconds a verdict with each threshold and the policy, beside those a window with each graph, in one run."""
    settings = {"devices": DEVICES, "rounds": 5, "steps": 16}
    found = interleaved([Variant("tocsin", sys.executable, "verdict_side.py", "verdicts", settings)], repeats)
    runs = found["tocsin"]
    return [
        _line(name, graph, median(runs, name), median(runs, graph))
        for name in runs[0]
        for graph in GRAPHS
        if name not in (*GRAPHS, "versions")
    ], found


def _line(name: str, graph: str, value: float, scoring: float) -> Line:
    what, aim = f"{name} and policy, {DEVICES:,} devices", SHARE if graph == "lstm_autoencoder" else None
    return Line("verdict", what, value, "ns", GRAPHS[graph], scoring, value / scoring, aim, lower_is_better=True)
