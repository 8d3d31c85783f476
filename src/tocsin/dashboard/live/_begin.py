"""What to do where nothing is watched yet."""

from __future__ import annotations

import streamlit as st

from tocsin.dashboard._session import client


def how_to_begin() -> None:
    """Show the commands that fill this page."""
    st.markdown("**Nothing is watched yet.** A watch that tells this service what it sees fills this page:")
    watch = f"tocsin watch pump.tocsin --source mqtt://broker/plant/{{device}} --service {client().url}"
    st.code(watch, language=None, wrap_lines=True)
    st.markdown("Without sensors at hand, see it with a simulated fleet:")
    st.code("tocsin demo --live", language=None, wrap_lines=True)
