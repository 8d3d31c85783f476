"""The wall screen: big figures, nothing to click, readable from five metres."""

from __future__ import annotations

from typing import Final

import streamlit as st

from tocsin.dashboard.live._drawn import draw
from tocsin.dashboard.live._fleet import fleet, head, incidents

TILES: Final = 16
INCIDENTS: Final = 12
"""As many as fit are shown, the others counted."""
_CHROME: Final = (
    '<style>header[data-testid="stHeader"], [data-testid="stSidebar"] {display: none;}'
    '[data-testid="stMainBlockContainer"] {padding: 1.2rem 1.6rem; max-width: none;}</style>'
)
"""What surrounds other pages is not shown."""


def show_wall() -> None:
    """Show the wall screen."""
    st.html(_CHROME)
    st.html('<h1 style="position:absolute;clip-path:inset(50%)">Live</h1>')
    _wall()


@st.fragment(run_every=1.0)
def _wall() -> None:
    told = fleet(most=TILES) or {"devices": []}
    draw("wall", {**told, **incidents(most=INCIDENTS), **head()}, key="live_wall")
