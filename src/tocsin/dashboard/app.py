"""The frame that all pages share: the name, the four pages, and who looks."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from tocsin.dashboard._colours import CHOSEN
from tocsin.dashboard._session import show_visitor

_BELL = """<svg xmlns="http://www.w3.org/2000/svg" width="116" height="30" viewBox="0 0 116 30" role="img">
<title>tocsin</title>
<g fill="none" stroke="#3f7fd9" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round">
<path d="M5 22 C8 19 8 16 8 12 A7 7 0 0 1 22 12 C22 16 22 19 25 22 Z"/><path d="M12 26 A3.2 3.2 0 0 0 18 26"/></g>
<text x="34" y="22" font-family="system-ui, sans-serif" font-size="21" font-weight="600" fill="#3f7fd9">tocsin</text>
</svg>"""


def _page(room: str) -> None:
    import_module(f"tocsin.dashboard.{room}.page").show()


def _pages() -> list[st.Page]:
    named = [
        ("analyse", "Analyse a file", ":material/query_stats:"),
        ("live", "Live", ":material/sensors:"),
        ("trust", "Compare and trust", ":material/balance:"),
        ("shelf", "Artifacts", ":material/inventory_2:"),
    ]
    return [
        st.Page(partial(_page, room), title=title, icon=icon, url_path=room, default=room == "analyse")
        for room, title, icon in named
        if find_spec(f"tocsin.dashboard.{room}.page") is not None
    ]


def main() -> None:
    """Show the page that was chosen, in its frame."""
    st.set_page_config(page_title="tocsin", page_icon="🔔", layout="wide")
    st.logo(_BELL, size="large")
    st.html(CHOSEN)
    st.navigation(_pages(), position="top").run()
    if not st.query_params.get("wall"):
        show_visitor()


main()
