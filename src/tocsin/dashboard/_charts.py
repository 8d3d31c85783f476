"""Charts of readings and scores, as Plotly reads them: normal blue, anomalies red ×, the limit dashed red."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final

Told = dict[str, Any]
Moment = str | int

CHANNEL_PX: Final = 130
SCORE_PX: Final = 190
_EDGES_PX: Final = 96
MOST_MARKS: Final = 200
"""Crosses in a chart, the gravest; more would hide the readings."""

_MOST_SHADES: Final = 300
"""Shaded stretches that a browser draws without a delay."""


def height(channels: int) -> int:
    """Return how high a chart of so many channels is, in pixels."""
    return channels * CHANNEL_PX + SCORE_PX + _EDGES_PX


def series_figure(series: Told, *, times: float, incidents: Sequence[Told], zoom: Any = None) -> Told:
    """Return the chart of one device: each channel, and the score under its limit, one above the other.

    Parameters
    ----------
    series
        What the service's route ``series`` tells.
    times
        The limit is drawn at so many times the one in force, and what lies above it is marked.
    incidents
        ``{"start", "end"}`` each: what is shaded.
    zoom
        From and to; None for all.
    """
    names = list(series["channels"])
    x = [shown(moment) for moment in series["time"]]
    marks = _marks(series, times)
    traces = [_ for index, name in enumerate(names) for _ in _channel(series, name, x, marks, _axis(index))]
    last = _axis(len(names))
    traces += _score(series, x, times, marks, last)
    return {"data": traces, "layout": _layout(series, names, incidents, zoom)}


def histogram_figure(histogram: Told, *, times: float, log: bool) -> Told:
    """Return how scores are spread, with the limit as a dashed red line."""
    edges = histogram["edges"]
    bars = {
        "type": "bar",
        "x": [(low + high) / 2 for low, high in pairwise(edges)],
        "y": histogram["count"],
        "width": [high - low for low, high in pairwise(edges)],
        "marker": {"color": "normal", "line": {"width": 0}},
        "hovertemplate": "score about %{x:.3g}: %{y:,} readings<extra></extra>",
    }
    low, high = (None if histogram[end] is None else histogram[end] * times for end in ("low", "high"))
    lines = [_upright(at) for at in dict.fromkeys((low, high)) if at is not None]
    notes = [] if high is None else [_note("limit", x=high, y=1, xref="x", yref="paper", color="limit")]
    layout = {
        "margin": {"l": 56, "r": 12, "t": 24, "b": 48},
        "bargap": 0,
        "showlegend": False,
        "xaxis": {"title": {"text": "score" + (" (the last bar holds all beyond)" if histogram["tail"] else "")}},
        "yaxis": {"title": {"text": "readings"}, "type": "log" if log else "linear", "fixedrange": True},
        "shapes": lines,
        "annotations": notes,
        "uirevision": f"{edges[0]} {edges[-1]} {log}",
    }
    return {"data": [bars], "layout": layout}


def shown(moment: Any) -> Any:
    """Return a moment as Plotly reads it: it takes a stamp without a zone as it is.

    >>> shown("2026-03-01T08:00:00Z"), shown(17)
    ('2026-03-01T08:00:00', 17)
    """
    return moment.removesuffix("Z") if isinstance(moment, str) else moment


def asked(moment: Any) -> Moment:
    """Return an end of a zoom as the service reads it.

    >>> asked("2026-03-01 08:00:00.1234"), asked("2026-03-01"), asked(17.4)
    ('2026-03-01T08:00:00.1234Z', '2026-03-01T00:00:00Z', 17)
    """
    if not isinstance(moment, str):
        return int(moment + 0.5)
    day, _, hour = moment.replace("T", " ").removesuffix("Z").partition(" ")
    return f"{day}T{hour + ':00' if hour.count(':') == 1 else hour or '00:00:00'}Z"


def _marks(series: Told, times: float) -> list[Told]:
    """Return what lies above the limit: the service's own, and what else a lower limit would have caught."""
    found = series["anomalies"]
    limit = _limit(series)
    marks = {
        shown(at): {"score": score, **{name: values[index] for name, values in found["values"].items()}}
        for index, (at, score) in enumerate(zip(found["time"], found["score"], strict=True))
        if score is not None and (times <= 1 or limit is None or score > limit * times)
    }
    if times < 1:
        for index, (at, score, own) in enumerate(zip(series["time"], series["score"], series["limit"], strict=True)):
            if score is not None and own is not None and score > own * times:
                values = {name: line["value"][index] for name, line in series["channels"].items()}
                marks.setdefault(shown(at), {"score": score, **values})
    gravest = sorted(marks, key=lambda at: -marks[at]["score"])[:MOST_MARKS]
    return [{"x": at, **marks[at]} for at in sorted(gravest)]


def _limit(series: Told) -> float | None:
    return next((limit for limit in series["limit"] if limit is not None), None)


def _axis(index: int) -> str:
    return "" if index == 0 else str(index + 1)


def _channel(series: Told, name: str, x: list[Any], marks: list[Told], axis: str) -> list[Told]:
    line, first = series["channels"][name], axis == ""
    unit = f" {line['unit']}" if line["unit"] else ""
    traces = []
    if any(value is not None for value in line["expected"] or ()):
        expected = _line(series, x, line["expected"], color="expected", width=1.2, dash="dot", axis=axis)
        traces.append({**expected, "name": "expected", "legendgroup": "expected", "showlegend": first})
    own = _line(series, x, line["value"], color="normal", width=1.4, dash="solid", axis=axis)
    traces.append({**own, "name": "reading", "legendgroup": "reading", "showlegend": first})
    traces.append({**_crosses(marks, name, axis), "showlegend": first})
    for trace in traces:
        trace["hovertemplate"] = f"%{{x}}<br>{_text(name)}, {trace['name']}: %{{y:.5g}}{_text(unit)}<extra></extra>"
    return traces


def _score(series: Told, x: list[Any], times: float, marks: list[Told], axis: str) -> list[Told]:
    limits = [None if limit is None else limit * times for limit in series["limit"]]
    score = _line(series, x, series["score"], color="score", width=1.4, dash="solid", axis=axis)
    limit = _line(series, x, limits, color="limit", width=1.8, dash="dash", axis=axis)
    traces = [
        {**score, "name": "score"},
        {**_crosses(marks, "score", axis), "showlegend": False},
        {**limit, "name": "limit"},
    ]
    for trace in traces:
        trace["hovertemplate"] = f"%{{x}}<br>{trace['name']}: %{{y:.4g}}<extra></extra>"
    return traces


def _line(series: Told, x: list[Any], y: list[Any], *, color: str, width: float, dash: str, axis: str) -> Told:
    times, values = _cut(x, y, series["gaps"])
    line = {"color": color, "width": width, "dash": dash}
    return {
        "type": "scatter",
        "mode": "lines" if len(x) > 1 else "markers",
        "x": times,
        "y": values,
        "line": line,
        "marker": {"color": color},
        "connectgaps": False,
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
    }


def _cut(x: list[Any], y: list[Any], gaps: Sequence[Sequence[Any]]) -> tuple[list[Any], list[Any]]:
    """Leave a line open where readings are missing."""
    cuts = [bisect_left(x, shown(end)) for _, end in gaps]
    x, y = list(x), list(y)
    for cut in sorted(set(cuts), reverse=True):
        if 0 < cut < len(x):
            x.insert(cut, x[cut])
            y.insert(cut, None)
    return x, y


def _crosses(marks: list[Told], name: str, axis: str) -> Told:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "anomaly",
        "legendgroup": "anomaly",
        "x": [mark["x"] for mark in marks],
        "y": [mark.get(name) for mark in marks],
        "marker": {"symbol": "x-thin", "size": 8, "line": {"color": "anomaly", "width": 2}, "color": "anomaly"},
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
    }


def _layout(series: Told, names: list[str], incidents: Sequence[Told], zoom: Any) -> Told:
    axes: Told = {}
    titles = []
    total = len(names) * CHANNEL_PX + SCORE_PX
    top = 1.0
    for index, name in enumerate([*names, "score"]):
        part = (SCORE_PX if index == len(names) else CHANNEL_PX) / total
        bottom, axis = max(0.0, top - part), _axis(index)
        unit = series["channels"][name]["unit"] if index < len(names) else ""
        axes[f"yaxis{axis}"] = {"domain": [bottom, top - 24 / total], "anchor": f"x{axis}", "fixedrange": True}
        axes[f"xaxis{axis}"] = _times(series, axis, zoom, last=index == len(names))
        titles.append(
            _note(_text(name) + (f" [{_text(unit)}]" if unit and unit not in name else ""), x=0, y=top - 2 / total)
        )
        top = bottom
    return {
        "margin": {"l": 56, "r": 12, "t": 48, "b": 40},
        "hovermode": "closest",
        "dragmode": "zoom",
        "legend": {"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "yref": "paper"},
        "uirevision": "kept",
        "annotations": titles,
        "shapes": [*_shades(incidents, "incident", 0, 1), *_shades(_spans(series["labels"]), "label", 1, 1.012)],
        **axes,
    }


def _times(series: Told, axis: str, zoom: Any, *, last: bool) -> Told:
    own: Told = {
        "type": "linear" if series["row_clock"] else "date",
        "anchor": f"y{axis}",
        "showticklabels": last,
        "uirevision": str(zoom),
        **({"matches": "x"} if axis else {}),
        **({"title": {"text": "row"}} if last and series["row_clock"] else {}),
    }
    return own | ({"autorange": True} if zoom is None else {"range": list(zoom), "autorange": False})


def _spans(pairs: Sequence[Sequence[Any]] | None) -> list[Told]:
    return [{"start": start, "end": end} for start, end in pairs or ()]


def _shades(spans: Sequence[Told], color: str, bottom: float, top: float) -> list[Told]:
    return [
        {
            "type": "rect",
            "layer": "below",
            "xref": "x",
            "yref": "paper",
            "x0": shown(span["start"]),
            "x1": shown(span["end"]),
            "y0": bottom,
            "y1": top,
            "fillcolor": color,
            "line": {"color": color, "width": 1},
        }
        for span in spans[:_MOST_SHADES]
    ]


def _upright(at: float) -> Told:
    line = {"color": "limit", "width": 2, "dash": "dash"}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": line}


def _note(text: str, *, x: Any, y: float, xref: str = "paper", yref: str = "paper", color: str = "text") -> Told:
    font = {"color": color, "size": 13}
    place = {"x": x, "y": y, "xref": xref, "yref": yref, "xanchor": "left", "yanchor": "top"}
    return {"text": text, "showarrow": False, "font": font, **place}


def _text(name: str) -> str:
    """Return a name that Plotly shows as it is, and takes for no markup."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%{", "%&#123;")
