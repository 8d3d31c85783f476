"""The versions of an artifact, newest first; all that is known of one is a click away."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._artifact_words import day, limit_in_words, size, threshold_in_words
from tocsin.dashboard._problems import plain, told
from tocsin.dashboard._session import client, may
from tocsin.dashboard.shelf._change import ask_to_activate, ask_to_remove
from tocsin.dashboard.shelf._facts import show_facts

_SHOWN: Final = 8
"""Versions shown at once; the older ones are folded away."""


def show_versions(shelf: dict[str, Any]) -> None:
    """Show all versions of a shelf."""
    st.header("Versions")
    for version in shelf["versions"][:_SHOWN]:
        _show(shelf, version)
    if older := shelf["versions"][_SHOWN:]:
        with st.expander(f"{len(older)} older"):
            for version in older:
                _show(shelf, version)


def _show(shelf: dict[str, Any], version: dict[str, Any]) -> None:
    number = version["version"]
    with st.container(border=True, key=f"version_{shelf['name']}_{number}".replace(".", "_")):
        title, what, limit, buttons = st.columns([2, 3, 3, 2], vertical_alignment="center")
        mark = "  \n:green[:material/check_circle: in force]" if version["active"] else ""
        title.markdown(f"**Version {number}**{mark}")
        title.caption(f"{day(version['added'])} UTC, by {plain(version['by'])}")
        what.markdown(
            f"{plain(version['detector'])}, window {version['window']}, {len(version['channels'])} channels  \n"
            f"learned from {version['readings']:,} readings"
        )
        limit.markdown(f"Limit {limit_in_words(version)}  \n{plain(threshold_in_words(version['threshold']))}")
        if version["note"]:
            st.caption(f"“{plain(version['note'])}”")
        with buttons:
            _buttons(shelf, version)
        _everything(shelf["name"], version)


def _buttons(shelf: dict[str, Any], version: dict[str, Any]) -> None:
    name, number = shelf["name"], version["version"]
    # fetched when it is pressed, in a thread that knows of no visitor
    connection, path = client(), f"/v1/artifacts/{name}/{number}/file"
    st.download_button(
        f"Download ({size(version['bytes'])})",
        lambda: connection.download(path),
        file_name=f"{name}-{number}.tocsin",
        on_click="ignore",
        key=f"file_{name}_{number}",
        width="stretch",
    )
    if version["active"] or not may("admin"):
        return
    if st.button("Put in force", key=f"activate_{name}_{number}", width="stretch"):
        ask_to_activate(shelf, version)
    if st.button("Remove", key=f"remove_{name}_{number}", type="tertiary", width="stretch"):
        ask_to_remove(name, version)


def _everything(name: str, version: dict[str, Any]) -> None:
    """Offer all facts; they are asked for only once somebody wants to see them."""
    number = version["version"]
    if st.toggle("Everything about it", key=f"facts_{name}_{number}"):
        with told():
            show_facts(client().get(f"/v1/artifacts/{name}/{number}"), key=f"{name}_{number}")
