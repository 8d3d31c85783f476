"""All that is known of one version: where it comes from, what was chosen and why, how its limit was found."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tocsin.dashboard._plot import plot
from tocsin.dashboard._problems import plain

Told = dict[str, Any]


def show_facts(version: Told, *, key: str) -> None:
    """Show what ``GET /v1/artifacts/{name}/{version}`` tells."""
    facts = version["facts"]
    provenance, calibration = facts["provenance"], facts["calibration"]
    for warning in (*calibration["warnings"], *provenance["warnings"]):
        st.warning(plain(warning), icon=":material/warning:")
    origin, limit = st.columns(2, gap="large")
    with origin:
        _list("Why it is as it is", provenance["why"])
        _pairs("Where it comes from", ("what", "how much"), _origin(version, provenance))
    with limit:
        _list("How its limit was found", calibration["said"])
        settings = {**provenance["settings"], "scale": provenance["scale"], "seed": provenance["seed"]}
        _pairs("What it was told", ("setting", "value"), settings)
    _curve(provenance["curves"], key=key)
    with st.expander("As JSON", icon=":material/data_object:"):
        st.json(facts, expanded=1)


def _origin(version: Told, provenance: Told) -> Told:
    windows = ", ".join(f"{name} {count:,}" for name, count in provenance["windows"].items())
    return {
        "readings": f"{provenance['rows']:,} of {provenance['devices']:,} devices",
        "channels": ", ".join(version["channels"]),
        "windows": windows,
        "fingerprint of the readings": provenance["fingerprint"][:16] + " …",
        "SHA-256 of the file": version["sha256"][:16] + " …",
        "made with": ", ".join(f"{name} {number}" for name, number in provenance["versions"].items()),
    }


def _list(title: str, sentences: list[str]) -> None:
    if sentences:
        st.markdown("\n".join([f"**{title}**\n", *(f"- {plain(text)}" for text in sentences)]))


def _pairs(title: str, heads: tuple[str, str], pairs: Told) -> None:
    rows = [f"| {plain(name)} | {plain(str(value))} |" for name, value in pairs.items() if value not in ("", None)]
    st.markdown("\n".join([f"**{title}**\n", f"| {heads[0]} | {heads[1]} |", "|---|---|", *rows]))


def _curve(curves: dict[str, list[float]], *, key: str) -> None:
    """Draw how training went, where it went in epochs."""
    lines = [
        {"type": "scatter", "name": name, "y": values, "line": {"color": shade}}
        for (name, values), shade in zip(curves.items(), ("normal", "score", "quiet", "warn"), strict=False)
        if len(values) > 1
    ]
    if lines:
        layout = {
            "margin": {"l": 60, "r": 10, "t": 30, "b": 40},
            "title": {"text": "How training went", "font": {"size": 14}},
            "xaxis": {"title": {"text": "epoch"}},
            "legend": {"orientation": "h", "y": 1.15, "x": 1, "xanchor": "right"},
        }
        told = ", ".join(
            f"{name} from {values[0]:.3g} to {values[-1]:.3g}" for name, values in curves.items() if values
        )
        plot({"data": lines, "layout": layout}, key=f"curve_{key}", alt=f"Training: {told}.", height=240)
