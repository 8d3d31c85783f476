"""The incidents of the file, the gravest first: when, how bad, why, and what was expected instead."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._problems import plain
from tocsin.dashboard.analyse._kept import zoom_to
from tocsin.dashboard.analyse._words import against, around, grade, gravest, when

Told = dict[str, Any]

_PAGE: Final = 8
_SHOWN: Final = "an_shown"


def show_incidents(summary: Told) -> None:
    """Show the incidents, some at a time."""
    st.header("Incidents", divider="gray")
    worst = gravest(summary["incidents"])
    if not worst:
        st.write("There were none.")
        return
    units = {channel["name"]: channel["unit"] for channel in summary["channels"]}
    several = len(summary["devices"]) > 1
    shown = st.session_state.get(_SHOWN, _PAGE)
    for number, incident in enumerate(worst[:shown], 1):
        _incident(incident, units, number, several=several)
    if len(worst) > shown and st.button(f"Show more of {len(worst):,}", icon=":material/expand_more:"):
        st.session_state[_SHOWN] = shown + 3 * _PAGE
        st.rerun()


def _incident(incident: Told, units: dict[str, str], number: int, *, several: bool) -> None:
    with st.container(border=True):
        words, button = st.columns([5, 1], vertical_alignment="center")
        device = f" · {plain(incident['device'])}" if several else ""
        held = " · held back, nobody was called" if incident["state"] == "held" else ""
        lines = [
            f"**{when(incident['start'])}** to {when(incident['end'])}{device} · {plain(grade(incident))}{held}",
            f"Because of {plain(incident['cause'])}: {plain(against(incident, units))}".strip(),
        ]
        words.markdown("  \n".join(lines))
        button.button(
            "Zoom to",
            key=f"an_to_{incident['incident_id']}",
            icon=":material/zoom_in:",
            help=f"Show incident {number} in the chart",
            on_click=_zoom,
            args=(incident, several),
            width="stretch",
        )


def _zoom(incident: Told, several: bool) -> None:
    if several:
        st.session_state["an_device"] = incident["device"]
    zoom_to(around(incident["start"], incident["end"]))
