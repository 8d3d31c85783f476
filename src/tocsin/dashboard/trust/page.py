"""The page "Compare and trust": one labelled file, and four ways to ask how far its alarms can be believed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from tocsin.dashboard._problems import told
from tocsin.dashboard._session import client
from tocsin.dashboard.trust._budget import show_budget
from tocsin.dashboard.trust._compare import show_comparison
from tocsin.dashboard.trust._file import Scored, scored_file
from tocsin.dashboard.trust._judged import show_judgement
from tocsin.dashboard.trust._rehearsal import show_rehearsal

VIEWS: Final[dict[str, tuple[str, Callable[[Scored], None]]]] = {
    "good": ("How good is it?", show_judgement),
    "missed": ("Which faults would I miss?", show_rehearsal),
    "strict": ("How strict should the limit be?", show_budget),
    "better": ("Which artifact serves better?", show_comparison),
}


def show() -> None:
    """Show the page."""
    client()
    st.title("Compare and trust")
    with told():
        found = scored_file()
        if found is None:
            return
        view = _view()
        with told():
            VIEWS[view][1](found)


def _view() -> str:
    """Return what is asked; the address leads to it again."""
    asked = st.query_params.get("view", "")
    first = asked if asked in VIEWS else "good"
    chosen = st.segmented_control(
        "What would you like to know?",
        list(VIEWS),
        default=first,
        format_func=lambda view: VIEWS[view][0],
        key="trust_view",
    )
    view = chosen or first
    if view != asked:
        st.query_params["view"] = view
    return view
