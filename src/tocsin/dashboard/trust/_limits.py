"""What other limits would have made people hear, as a picture and as a table."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

Told = dict[str, Any]

_SHADES: Final = ("normal", "score", "warn", "quiet", "anomaly", "expected")
_SIGNS: Final = ("circle", "square", "diamond", "triangle-up", "cross", "star")
"""One for each number of windows in a row: a sign beside the colour, so that neither is needed alone."""


def limits(told: Told) -> Told:
    """Return the picture: how often each limit rings, a line for each number of windows in a row."""
    waits = list(dict.fromkeys(one["wait"] for one in told["settings"]))
    lines = [_line(told, wait, k) for k, wait in enumerate(waits)]
    now = told["in_force"]
    rates = [one["rate"] for one in told["settings"] if one["rate"] > 0]
    layout = {
        "margin": {"l": 70, "r": 10, "t": 40, "b": 50},
        "xaxis": {"title": {"text": "limit, as a multiple of the one in force"}, "type": "log", "fixedrange": True},
        "yaxis": {
            "title": {"text": f"{'false alarms' if told['labelled'] else 'incidents'} {told['unit']}"},
            "type": "log" if rates and max(rates) > 30 * min(rates) else "linear",
            "rangemode": "tozero",
            "fixedrange": True,
        },
        "legend": {"orientation": "h", "y": 1.12, "x": 1, "xanchor": "right"},
        "shapes": [
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": told["bearable"],
                "y1": told["bearable"],
                "line": {"color": "good", "dash": "dash", "width": 1.5},
            },
            {
                "type": "line",
                "yref": "paper",
                "y0": 0,
                "y1": 1,
                "x0": now["times"],
                "x1": now["times"],
                "line": {"color": "limit", "dash": "dash", "width": 1.5},
            },
        ],
    }
    return {"data": lines, "layout": layout}


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


def _line(told: Told, wait: str, nth: int) -> Told:
    own = [one for one in told["settings"] if one["wait"] == wait]
    shade, sign = _SHADES[nth % len(_SHADES)], _SIGNS[nth % len(_SIGNS)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": wait,
        "x": [one["times"] for one in own],
        "y": [one["rate"] for one in own],
        "line": {"color": shade, "width": 1.6},
        "marker": {"color": shade, "symbol": sign, "size": 8},
    }
