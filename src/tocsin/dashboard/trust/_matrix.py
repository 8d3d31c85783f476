"""A rehearsal as a matrix, and in words: kinds of faults down, their sizes across."""

from __future__ import annotations

from typing import Any, Final

from tocsin.dashboard._problems import plain

Told = dict[str, Any]

RELIABLE: Final = 0.9
"""A fault that rings in so many of its trials counts as one that is noticed."""


def matrix(told: Told) -> Told:
    """Return the picture: the share that rings, as a shade and as a figure in each cell."""
    sizes = columns(told)
    shares = [[_share(told, kind, size) for size in sizes] for kind in told["kinds"]]
    cells = {
        "type": "heatmap",
        "z": shares,
        "x": [size_in_words(size) for size in sizes],
        "y": [_kind(kind) for kind in told["kinds"]],
        "text": [[percent(share) for share in row] for row in shares],
        "texttemplate": "%{text}",
        "textfont": {"size": 14},
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "#f2b8b5"], [0.5, "#f6e3b4"], [1, "#a8d5b0"]],
        "xgap": 2,
        "ygap": 2,
        "showscale": False,
        "hovertemplate": "%{y}, %{x}: %{text} ring<extra></extra>",
    }
    cells["textfont"] = {"size": 14, "color": "#1f2933"}
    layout = {
        "margin": {"l": 130, "r": 10, "t": 10, "b": 50},
        "xaxis": {"title": {"text": "size of the fault"}, "fixedrange": True, "type": "category", "showgrid": False},
        "yaxis": {"autorange": "reversed", "fixedrange": True, "showgrid": False},
    }
    return {"data": [cells], "layout": layout}


def alt(told: Told) -> str:
    """Return the picture in words."""
    good, bad = ", ".join(noticed(told)) or "none", ", ".join(missed(told)) or "none"
    return f"Share of faults that ring, by kind and size. Noticed if large enough: {good}. Missed: {bad}."


def columns(told: Told) -> list[float | None]:
    """Return the sizes, with None behind them where some kind has no size."""
    unsized = any(cell["size"] is None for cell in told["cells"])
    return [*told["sizes"], *([None] if unsized else [])]


def noticed(told: Told) -> list[str]:
    """Return the kinds that ring reliably at some size."""
    return [_kind(kind) for kind in told["kinds"] if _rings(told, kind)]


def missed(told: Told) -> list[str]:
    """Return the kinds that do not."""
    return [_kind(kind) for kind in told["kinds"] if not _rings(told, kind)]


def by_kind(told: Told) -> str:
    """Return a table: from which size on each kind rings, how late, and how often the right channel is blamed."""
    lines = ["| fault | rings from | delay | right cause |", "|---|---|---|---|"]
    for kind in told["kinds"]:
        cell = telling(told, kind)
        least = told["detectable"].get(kind)
        start = size_in_words(least) if least is not None else "any" if _rings(told, kind) else "–"
        lines.append(f"| {_kind(kind)} | {start} | {delay(cell)} | {percent(cell['right_cause'])} |")
    return "\n".join(lines)


def by_channel(told: Told) -> str:
    """Return a table: the share that rings of faults that touch one channel alone, by size."""
    sizes = told["sizes"]
    lines = [f"| channel | {' | '.join(map(size_in_words, sizes))} | 1 σ is |", "|---" * (len(sizes) + 2) + "|"]
    for name, deviation in told["deviation"].items():
        own = {cell["size"]: cell["share"] for cell in told["channels"] if cell["channel"] == name}
        if own:
            shares = " | ".join(percent(own.get(size)) for size in sizes)
            lines.append(f"| {plain(name)} | {shares} | {deviation:.3g} |")
    return "\n".join(lines)


def telling(told: Told, kind: str) -> Told:
    """Return the cell whose delay is worth telling: the smallest size that rings reliably, else the largest."""
    own = [cell for cell in told["cells"] if cell["kind"] == kind]
    least = told["detectable"].get(kind)
    found: Told = next((cell for cell in own if cell["size"] == least), own[-1])
    return found


def delay(cell: Told) -> str:
    """Return how late a fault is told.

    >>> delay({"delay": 12, "delay_s": 720.0}), delay({"delay": 0, "delay_s": None}), delay({"delay": None})
    ('12 readings, 12 min', 'at once', '–')
    """
    if cell["delay"] is None:
        return "–"
    if not cell["delay"]:
        return "at once"
    readings = f"{cell['delay']:g} reading{'' if cell['delay'] == 1 else 's'}"
    return readings if cell["delay_s"] is None else f"{readings}, {duration(cell['delay_s'])}"


def duration(seconds: float) -> str:
    """Return a time in the largest unit of which it is more than one.

    >>> duration(90), duration(7200)
    ('90 s', '2 h')
    """
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds:.2g} s"


def percent(share: float | None) -> str:
    """Return a share in percent, "–" where there is none."""
    return "–" if share is None else f"{100 * share:.0f} %"


def size_in_words(size: float | None) -> str:
    """Return a fault's size."""
    return "no size" if size is None else f"{size:g} σ"


def _share(told: Told, kind: str, size: float | None) -> float | None:
    return next((cell["share"] for cell in told["cells"] if (cell["kind"], cell["size"]) == (kind, size)), None)


def _rings(told: Told, kind: str) -> bool:
    if told["detectable"].get(kind) is not None:
        return True
    return (_share(told, kind, None) or 0.0) >= RELIABLE


def _kind(kind: str) -> str:
    return kind.replace("_", " ")
