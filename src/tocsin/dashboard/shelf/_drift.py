"""Drift at a glance: whether the scores of late still look like those that the limit was found from."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError
from tocsin.dashboard._plot import plot
from tocsin.dashboard._problems import plain
from tocsin.dashboard._session import client

Told = dict[str, Any]

LEVELS: Final = {
    "none": ("No drift", ":material/check_circle:", "green"),
    "some": ("Some drift", ":material/trending_up:", "orange"),
    "much": ("Much drift", ":material/warning:", "red"),
    "unknown": ("Drift unknown", ":material/help:", "gray"),
}
"""A word, a sign and a colour: never the colour alone."""


def show_drift(name: str) -> None:
    """Show how far the scores of the version in force have moved."""
    try:
        told: Told = client().get(f"/v1/artifacts/{name}/active/drift")
    except ProblemError as problem:
        if problem.status != 404:
            st.caption(f"Drift is not known: {plain(problem.message)}")
        return
    word, sign, tone = LEVELS[told["level"]]
    st.markdown(f":{tone}-badge[{sign} {word}] {plain(told['text'])}")
    if told["judged"] and told["histogram"]:
        with st.expander("Scores of late against those it was calibrated on"):
            plot(figure(told["histogram"]), key=f"drift_{name}", alt=alt(told), height=260)
            st.caption(_counted(told))


def figure(histogram: Told) -> Told:
    """Return the picture: the shares of scores, then and of late, side by side."""
    edges = histogram["edges"]
    names = [f"{low:.3g} to {high:.3g}" for low, high in pairwise(edges)]
    bars = [
        {"type": "bar", "name": title, "x": names, "y": _shares(histogram[key]), "marker": {"color": shade}}
        for key, title, shade in (("reference", "calibrated on", "expected"), ("recent", "of late", "normal"))
    ]
    layout = {
        "barmode": "group",
        "margin": {"l": 60, "r": 10, "t": 30, "b": 70},
        "xaxis": {"title": {"text": "score"}, "fixedrange": True},
        "yaxis": {"title": {"text": "share of readings"}, "tickformat": ".0%", "fixedrange": True},
        "legend": {"orientation": "h", "y": 1.15, "x": 1, "xanchor": "right"},
    }
    return {"data": bars, "layout": layout}


def alt(told: Told) -> str:
    """Return the picture in words."""
    return f"How scores are spread, when it was calibrated and of late. {LEVELS[told['level']][0]}. {told['text']}"


def _shares(counts: list[float]) -> list[float]:
    whole = sum(counts) or 1
    return [count / whole for count in counts]


def _counted(told: Told) -> str:
    index = "" if told["psi"] is None else f" The population stability index is {told['psi']:.2f}."
    promised = "" if told["promised"] is None else f", promised were {told['promised']:.2%}"
    above = "" if told["flagged"] is None else f" {told['flagged']:.2%} lie above the limit{promised}."
    return f"{told['judged']:,} scores were looked at.{above}{index}".replace("%", " %")
