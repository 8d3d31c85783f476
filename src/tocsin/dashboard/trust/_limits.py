"""What other limits would have made people hear, as a picture and as a table."""

from __future__ import annotations

from itertools import groupby
from math import log10
from typing import Any, Final

Told = dict[str, Any]

_SHADES: Final = ("normal", "score", "warn", "quiet", "anomaly", "expected")
_SIGNS: Final = ("circle", "square", "diamond", "triangle-up", "cross", "star")
"""One for each number of windows in a row: a sign beside the colour, so that neither is needed alone."""


def limits(told: Told) -> Told:
    """Return the picture: how often each limit rings, a line for each number of windows in a row."""
    waits = list(dict.fromkeys(one["wait"] for one in told["settings"]))
    floor = _floor(told)
    bearable = max(told["bearable"], floor)
    layout = {
        "margin": {"l": 70, "r": 10, "t": 40, "b": 50},
        "xaxis": {"title": {"text": "limit, as a multiple of the one in force"}, "type": "log", "fixedrange": True},
        "yaxis": _scale(told, floor),
        "legend": {"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
        "shapes": [
            _dashed("good", x0=0, x1=1, xref="paper", y0=bearable, y1=bearable),
            _dashed("limit", x0=told["in_force"]["times"], x1=told["in_force"]["times"], y0=0, y1=1, yref="paper"),
        ],
        "annotations": [_note(f"can be borne: {told['budget']}", bearable)],
    }
    return {"data": [_line(told, wait, k, floor) for k, wait in enumerate(waits)], "layout": layout}


def _floor(told: Told) -> float:
    """Return where "none" is drawn on a logarithmic axis: at half of the least rate that is told."""
    rates = [float(one["rate"]) for one in told["settings"] if one["rate"] > 0]
    return min(rates, default=float(told["bearable"])) / 2


def _scale(told: Told, floor: float) -> Told:
    highest = max([one["rate"] for one in told["settings"]] + [told["bearable"]])
    steps = [step * 10.0**power for power in range(-6, 7) for step in (1, 2, 5)]
    shown = [step for step in steps if 1.5 * floor < step <= 1.5 * highest]
    return {
        "title": {"text": f"{'false alarms' if told['labelled'] else 'incidents'} {told['unit']}"},
        "type": "log",
        "tickvals": [floor, *shown],
        "ticktext": ["none", *(f"{step:g}" for step in shown)],
        "fixedrange": True,
    }


def _dashed(shade: str, **ends: float | str) -> Told:
    return {"type": "line", "line": {"color": shade, "dash": "dash", "width": 1.5}, **ends}


def _note(text: str, height: float) -> Told:
    return {
        "text": text,
        "x": 1,
        "xref": "paper",
        "xanchor": "right",
        "y": log10(height),
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": "good"},
    }


def alt(told: Told) -> str:
    """Return the picture in words."""
    kept = sum(one["kept"] for one in told["settings"])
    return (
        f"How often {len(told['settings'])} settings of limit and policy would have rung; {kept} of them keep within "
        f"{told['budget']}. The dashed green line is what can be borne, the dashed red one the limit in force."
    )


def table(told: Told) -> str:
    """Return all settings as a table: limits down, windows in a row across."""
    waits = list(dict.fromkeys(one["wait"] for one in told["settings"]))
    labelled = told["labelled"]
    heads = ["limit", "times the present", *waits]
    lines = [heads, ["---"] * len(heads)]
    for times, row in groupby(told["settings"], key=lambda one: one["times"]):
        own = list(row)
        limit = "moves" if own[0]["limit"] is None else f"{own[0]['limit']:.4g}"
        lines.append([limit, f"{times:.3g}", *(_cell(one, labelled=labelled) for one in own)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(one: Told, *, labelled: bool) -> str:
    rate = f"{one['rate']:.2g}" if one["rate"] < 99.5 else f"{one['rate']:,.0f}"
    caught = f", {one['caught']} told" if labelled else ""
    text = f"{'✓ ' if one['kept'] else ''}{rate}{caught}"
    return f"**{text} (in force)**" if one["in_force"] else text


def _line(told: Told, wait: str, nth: int, floor: float) -> Told:
    own = [one for one in told["settings"] if one["wait"] == wait]
    shade, sign = _SHADES[nth % len(_SHADES)], _SIGNS[nth % len(_SIGNS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": f"{wait} in a row" if wait.endswith("s") else wait,
        "x": [one["times"] for one in own],
        "y": [max(one["rate"], floor) for one in own],
        "line": {"color": shade, "width": 1.6},
        "marker": {"color": shade, "symbol": sign, "size": 8},
    }
