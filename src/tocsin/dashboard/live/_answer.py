"""The form that answers an incident: outside of what is drawn each second, so that no half-typed note is lost."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError
from tocsin.dashboard._problems import plain, show_problem
from tocsin.dashboard._session import client, may, me

ANSWERING: Final = "live_answering"
"""Where the session keeps which incident is being answered."""

_WORDS: Final = {"true": "True alarm", "false": "False alarm", "maintenance": "Maintenance", "": "Another word"}


def answer_form() -> None:
    """Show the form for the incident that was picked, and nothing where none was."""
    id = st.session_state.get(ANSWERING)
    if not id or not may("operate"):
        return
    try:
        incident = client().get(f"/v1/incidents/{id}")
    except ProblemError as problem:
        show_problem(problem)
        return
    with st.container(border=True, key="answer"):
        st.header(f"What was it on {plain(incident['device'])}?")
        st.markdown(plain(incident["text"]))
        _fields(incident)


def _fields(incident: dict[str, Any]) -> None:
    id = incident["id"]
    with st.form(f"answer_{id}", border=False):
        label = st.radio("It was", list(_WORDS), format_func=_WORDS.__getitem__, horizontal=True, key=f"label_{id}")
        left, middle, right = st.columns([1, 2, 1])
        word = left.text_input("Another word", max_chars=60, key=f"word_{id}", help="Where none of these fits")
        note = middle.text_input("Note", max_chars=500, key=f"note_{id}", placeholder="what was found, what was done")
        by = right.text_input("Your name", value=_who(), max_chars=60, key=f"by_{id}")
        with st.container(horizontal=True):
            labelled = st.form_submit_button("Keep this answer", type="primary")
            seen = st.form_submit_button("I see to it", help="Acknowledges the incident; it stays open")
            left_alone = st.form_submit_button("Close the form", type="tertiary")
    said = {"by": by.strip() or None, "note": note.strip() or None}
    if labelled:
        _send(id, "label", {"label": label or word.strip(), **said}, "Your answer is kept.")
    elif seen:
        _send(id, "acknowledge", said, "Noted: you see to it.")
    elif left_alone:
        _leave()


def _send(id: str, what: str, said: dict[str, Any], thanks: str) -> None:
    if what == "label" and not said["label"]:
        st.warning("Which other word? Type it beside.", icon=":material/edit:")
        return
    try:
        client().post(f"/v1/incidents/{id}/{what}", {name: value for name, value in said.items() if value})
    except ProblemError as problem:
        show_problem(problem)
        return
    if said["by"]:
        st.session_state["live_by"] = said["by"]
    st.toast(thanks, icon=":material/check:")
    _leave()


def _leave() -> None:
    st.session_state[ANSWERING] = ""
    st.rerun()


def _who() -> str:
    name = str(me()["name"])
    return str(st.session_state.get("live_by", "" if name in ("local", "owner") else name))
