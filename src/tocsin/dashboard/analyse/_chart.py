"""Charts of the scored file, with the slider that moves the limit and says at once what would have rung."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._charts import MOST_MARKS, asked, height, histogram_figure, series_figure
from tocsin.dashboard._plot import plot
from tocsin.dashboard._problems import plain, told
from tocsin.dashboard._session import client, may
from tocsin.dashboard.analyse._kept import fetched, zoom, zoom_to
from tocsin.dashboard.analyse._words import when

Told = dict[str, Any]

_FEW: Final = 8
"""Channels that are drawn unless others are chosen."""

_POINTS: Final = 2000
"""Points of a line: about one a pixel; with eight lines far below 30,000."""


@st.fragment
def show_chart(found: Told, device: str | None) -> None:
    """Show the charts of a device. The slider and each zoom redraw them alone, and nothing else of the page."""
    summary = found["scored"]
    with told():
        names = _channels(summary, device)
        times = _slider(summary)
        outcome = fetched("whatif", {"times": times})
        st.markdown(f"#### {plain(outcome['text'])}")
        _series(found, names, device, times=times, outcome=outcome)
        _keep(found, times)
        _histogram(times)


def _channels(summary: Told, device: str | None) -> list[str]:
    names = [channel["name"] for channel in summary["channels"]]
    if len(names) <= _FEW:
        return names
    weight = dict.fromkeys(names, 0.0)
    for incident in summary["incidents"]:
        if device in (None, incident["device"]):
            for name, share in incident["shares"].items():
                weight[name] = weight.get(name, 0.0) + share
    most = sorted(names, key=lambda name: -weight[name])[:_FEW]
    chosen = st.multiselect("Channels", names, default=[name for name in names if name in most], key=f"an_ch_{device}")
    return chosen or names[:1]


def _slider(summary: Told) -> float:
    limit = summary["limit"]
    now = "" if limit is None else f" (in force: {limit:.4g})"
    times: float = st.slider(
        f"Limit, as a multiple of the one in force{now}",
        min_value=0.3,
        max_value=4.0,
        value=1.0,
        step=0.05,
        format="%.2f ×",
        key="an_times",
        help="Move it and see what would have rung. Nothing is changed until you keep it. With labels, an alarm is "
        "false where no labelled reading is in its windows: one just behind an event is still of that event.",
    )
    return round(times, 2)


def _series(found: Told, names: list[str], device: str | None, *, times: float, outcome: Told) -> None:
    ends = zoom()
    since, until = (None, None) if ends is None else (asked(ends[0]), asked(ends[1]))
    params = {"device": device, "channels": ",".join(names), "since": since, "until": until, "points": _POINTS}
    series = fetched("series", params)
    spans = [span for span in outcome["incidents"] if span["device"] == series["device"]]
    figure = series_figure(series, times=times, incidents=spans, zoom=ends)
    key = f"an_series_{found['id']}_{device}_{len(names)}"
    plot(figure, key=key, alt=_alt(series, names, spans), height=height(len(names)), on_zoom=zoom_to)
    _below(series, ends)


def _below(series: Told, ends: Any) -> None:
    words, button = st.columns([4, 1], vertical_alignment="center")
    drawn = "each is drawn" if series["exact"] else "drawn with the least and greatest of each stretch"
    most = f", the {MOST_MARKS} gravest" if series["anomalies"]["all"] > MOST_MARKS else ""
    marked = " Bars at the top: labelled." if series["labels"] else ""
    words.caption(
        f"{series['rows']:,} readings, {when(series['since'])} to {when(series['until'])}: {drawn}. Shaded: incidents; "
        f"×: above the limit{most}.{marked} Drag to zoom, double-click for all; on the keyboard arrows, +, − and 0."
    )
    if ends is not None:
        button.button("Show all", icon=":material/zoom_out_map:", on_click=zoom_to, args=(None,), width="stretch")


def _alt(series: Told, names: list[str], spans: list[Told]) -> str:
    first = ", ".join(when(span["start"]) for span in spans[:5])
    return (
        f"Chart of {', '.join(names)} and the score under its limit, "
        f"{when(series['since'])} to {when(series['until'])}. "
        f"{len(spans)} incident{'' if len(spans) == 1 else 's'}" + (f", the first at {first}." if spans else ".")
    )


def _keep(found: Told, times: float) -> None:
    if times == 1.0:
        return
    summary, path = found["scored"], f"/v1/analyses/{found['id']}/recalibrated.tocsin"
    connection, name = client(), summary["artifact"]
    with st.container(horizontal=True):
        st.download_button(
            "Keep this limit: download the artifact",
            lambda: connection.download(path, {"times": times}),
            file_name=f"{name}.tocsin",
            mime="application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
        )
        if may("admin") and st.button("Keep it as a new version", icon=":material/save:"):
            content = connection.download(path, {"times": times})
            note = f"limit at {times:g} times that of version {summary['version']}"
            version = connection.upload(f"/v1/artifacts/{name}", content, params={"note": note})
            st.success(
                f"{plain(name)} has it as version {version['version']}. Put it in force on the page *Artifacts*."
            )


def _histogram(times: float) -> None:
    st.subheader("How strange the readings are")
    log = st.toggle("Count on a log scale, which shows the few beyond the limit", value=True, key="an_log")
    histogram = fetched("histogram", {"bins": 64})
    alt = "Histogram of the scores, with the limit as a dashed line"
    plot(histogram_figure(histogram, times=times, log=log), key="an_histogram", alt=alt, height=260)
