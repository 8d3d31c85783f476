"""The page "Analyse a file", from top to bottom."""

from __future__ import annotations

import streamlit as st

from tocsin.dashboard._plot import get_ready
from tocsin.dashboard._problems import told
from tocsin.dashboard._session import client, may
from tocsin.dashboard.analyse._correct import show_form
from tocsin.dashboard.analyse._file import show_drop
from tocsin.dashboard.analyse._kept import reading
from tocsin.dashboard.analyse._learn import show_artifacts
from tocsin.dashboard.analyse._reading import show_reading
from tocsin.dashboard.analyse._result import show_result


def show() -> None:
    """Show the page."""
    client()
    st.title("Analyse a file")
    if not may("operate"):
        st.info("Your token may look, and this page needs one that may operate: ask whoever runs the service.")
        return
    with told():
        show_drop()
        found = reading()
        if found is None:
            get_ready()
            return
        show_reading(found)
        show_form(found)
        if found["state"] == "readable":
            show_artifacts(found)
            if (found := reading()) is not None and found["scored"] is not None:
                show_result(found)
            else:
                get_ready()
