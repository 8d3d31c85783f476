"""What scoring made of the file: a sentence, the charts with the limit's slider, incidents, downloads."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tocsin.dashboard._problems import plain
from tocsin.dashboard.analyse._chart import show_chart
from tocsin.dashboard.analyse._downloads import show_downloads
from tocsin.dashboard.analyse._incidents import show_incidents
from tocsin.dashboard.analyse._words import headline

Told = dict[str, Any]


def show_result(found: Told) -> None:
    """Show all that is known of the scored file."""
    summary = found["scored"]
    st.header("What rang", divider="gray")
    rang = bool(summary["facts"]["incidents"])
    show = st.error if rang else st.success
    show(
        f"**{plain(headline(summary))}**", icon=":material/notifications_active:" if rang else ":material/check_circle:"
    )
    for text in summary["warnings"]:
        st.warning(plain(text), icon=":material/warning:")
    _figures(summary)
    device = _device(summary)
    show_chart(found, device)
    show_incidents(summary)
    show_downloads(found)


def _figures(summary: Told) -> None:
    quiet = {name: count for name, count in summary["statuses"].items() if name != "ok"}
    notes = [*summary["notes"], *(f"{count:,} readings are *{name}*" for name, count in quiet.items())]
    facts = summary["facts"]
    if summary["labelled"] and "precision" in facts:
        notes.append(
            f"by its labels, reading by reading: precision {facts['precision']:.2f}, recall {facts['recall']:.2f}; "
            "see *Compare and trust* for what that means"
        )
    if notes:
        st.caption("; ".join(notes) + ".")


def _device(summary: Told) -> str | None:
    devices = summary["devices"]
    if len(devices) < 2:
        return devices[0]["name"] if devices else None
    told = {device["name"]: f"{device['name']}: {_count(device['incidents'])}" for device in devices}
    chosen: str = st.selectbox("Device", list(told), format_func=told.__getitem__, key="an_device", width=420)
    return chosen


def _count(incidents: int) -> str:
    """Return how many incidents there are, in words.

    >>> _count(0), _count(1), _count(1200)
    ('no incident', '1 incident', '1,200 incidents')
    """
    return "no incident" if not incidents else f"{incidents:,} incident" + ("s" if incidents > 1 else "")
