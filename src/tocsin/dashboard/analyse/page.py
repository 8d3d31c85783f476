"""The page "Analyse a file", from top to bottom."""

from __future__ import annotations

import streamlit as st

from tocsin.dashboard._session import client


def show() -> None:
    """Show the page."""
    st.title("Analyse a file")
    client()
