"""The page "Artifacts": one shelf with its versions, how the one in force does, and what may be changed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tocsin.dashboard._artifact_words import day, version_in_words
from tocsin.dashboard._problems import plain, told
from tocsin.dashboard._session import client, may
from tocsin.dashboard.shelf._change import offer_roll_back
from tocsin.dashboard.shelf._drift import show_drift
from tocsin.dashboard.shelf._upload import upload_form
from tocsin.dashboard.shelf._versions import show_versions

Shelf = dict[str, Any]


def show() -> None:
    """Show the page."""
    client()
    st.title("Artifacts")
    with told():
        shelves: list[Shelf] = client().get("/v1/artifacts")["artifacts"]
        if shelves:
            _show_shelf(_chosen(shelves))
        else:
            _begin()
        if may("admin"):
            upload_form(empty=not shelves)


def _begin() -> None:
    st.markdown(
        "An artifact is what has learned how your readings look when all is well. **There is none yet.** "
        "Train one from a file on the page *Analyse a file*"
        + (", or add one that was trained elsewhere:" if may("admin") else ".")
    )


def _chosen(shelves: list[Shelf]) -> Shelf:
    """Return the shelf that was picked; the address leads to it again."""
    names = [shelf["name"] for shelf in shelves]
    asked = st.query_params.get("name", "")
    if len(names) > 1:
        first = names.index(asked) if asked in names else 0
        asked = st.selectbox("Artifact", names, index=first, key="shelf_name", width=420)
        st.query_params["name"] = asked
    return next((shelf for shelf in shelves if shelf["name"] == asked), shelves[0])


def _show_shelf(shelf: Shelf) -> None:
    name, active = shelf["name"], shelf["active"]
    with st.container(border=True):
        st.header(plain(name))
        if active is None:
            st.markdown("No version is in force: activate one.")
        else:
            version = next(one for one in shelf["versions"] if one["version"] == active)
            st.markdown(f":material/check_circle: **Version {active} is in force.** {version_in_words(version)}")
            show_drift(name)
        if may("admin"):
            offer_roll_back(shelf)
    show_versions(shelf)
    _history(name)


def _history(name: str) -> None:
    activations = client().get(f"/v1/artifacts/{name}").get("activations") or []
    if not activations:
        return
    with st.expander("What was in force when", icon=":material/history:"):
        rows = [f"| {day(one['at'])} | version {one['version']} | {plain(one['by'])} |" for one in activations]
        st.markdown("\n".join(["| since (UTC) | in force | put in force by |", "|---|---|---|", *rows]))
