"""The lab's curves as figures: precision and recall, false and true positives, delays."""

from __future__ import annotations

from typing import Any, Final

Told = dict[str, Any]

_MOST: Final = 2_000
"""Points of a curve that are drawn."""


def precision_recall(told: Told) -> tuple[Told, str]:
    """Return precision over recall, with what chance reaches and where the flags lie; and the picture in words."""
    metrics = told["metrics"]
    base = metrics["base_rate"] or 0.0
    flags = (metrics["recall"], metrics["precision"])
    lines = [
        _curve(told["curves"]["precision_recall"], shape="vh"),
        _chance([0, 1], [base, base]),
        *_here(*flags),
    ]
    alt = f"Precision over recall. AUC-PR is {_said(metrics['auc_pr'])}; chance is {_said(base)}."
    return {"data": lines, "layout": _layout("recall", "precision")}, alt


def roc(told: Told) -> tuple[Told, str]:
    """Return the ROC curve with the diagonal of chance and where the flags lie; and the picture in words."""
    metrics = told["metrics"]
    lines = [
        _curve(told["curves"]["roc"]),
        _chance([0, 1], [0, 1]),
        *_here(metrics["false_positive_rate"], metrics["recall"]),
    ]
    alt = f"ROC curve. ROC-AUC is {_said(metrics['roc_auc'])}; chance is 0.5."
    return {"data": lines, "layout": _layout("false-positive rate", "recall")}, alt


def delays(told: Told) -> tuple[Told, str]:
    """Return how many readings passed from the start of events to their alarms; and the picture in words."""
    late = told["delays"]["readings"]
    bars = {"type": "histogram", "x": late, "marker": {"color": "normal"}, "nbinsx": 24, "name": "events"}
    layout = {
        "margin": {"l": 60, "r": 10, "t": 10, "b": 45},
        "xaxis": {"title": {"text": "readings from the start of an event to its alarm"}, "fixedrange": True},
        "yaxis": {"title": {"text": "events"}, "fixedrange": True, "rangemode": "tozero"},
        "showlegend": False,
    }
    middle = sorted(late)[len(late) // 2]
    return {"data": [bars], "layout": layout}, f"Delays of {len(late)} alarms; half came within {middle} readings."


def _curve(curve: Told | None, shape: str = "linear") -> Told:
    x, y = ([], []) if curve is None else (curve["x"], curve["y"])
    step = max(1, len(x) // _MOST)
    kept = [*range(0, len(x), step), *([len(x) - 1] if x else [])]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "the score",
        "x": [x[k] for k in kept],
        "y": [y[k] for k in kept],
        "line": {"color": "normal", "width": 2, "shape": shape},
    }


def _chance(x: list[float], y: list[float]) -> Told:
    line = {"color": "expected", "dash": "dash", "width": 1.5}
    return {"type": "scatter", "mode": "lines", "name": "chance", "x": x, "y": y, "line": line}


def _here(x: float | None, y: float | None) -> list[Told]:
    if x is None or y is None:
        return []
    marker = {"symbol": "x", "size": 11, "color": "anomaly"}
    return [{"type": "scatter", "mode": "markers", "name": "the limit in force", "x": [x], "y": [y], "marker": marker}]


def _layout(across: str, up: str) -> Told:
    return {
        "margin": {"l": 60, "r": 10, "t": 30, "b": 45},
        "xaxis": {"title": {"text": across}, "range": [0, 1.02], "fixedrange": True},
        "yaxis": {"title": {"text": up}, "range": [0, 1.05], "fixedrange": True},
        "legend": {"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
    }


def _said(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"
