"""A chart in the page: drawn by Plotly in the browser, in the page's own colours, telling back what is zoomed to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from tocsin.dashboard._colours import COLOURS

PLOTLY: Final = "/assets/plotly.min.js"
"""Where the pages find the drawing library."""

Range = tuple[Any, Any]
"""From and to, on the axis of time."""

_FOLDER = Path(__file__).parent


def plot(
    figure: dict[str, Any],
    *,
    key: str,
    alt: str,
    height: int = 320,
    on_zoom: Callable[[Range | None], None] | None = None,
) -> Range | None:
    """Draw a chart, and return what part of its axis of time is zoomed to; None for all of it.

    A chart that is drawn anew under the same key is changed in place: nothing flickers, and a zoom is kept as long as
    ``figure["layout"]["uirevision"]`` stays the same.

    Parameters
    ----------
    figure
        ``{"data": […], "layout": {…}}`` as Plotly reads it. Colours may be names of
        :data:`~tocsin.dashboard._colours.COLOURS`: "normal", "anomaly" ….
    key
        Tells this chart from others on the page, whatever names of files and devices it is made of.
    alt
        What the chart shows, in words, for those who cannot see it.
    height
        In pixels.
    on_zoom
        Told of each new zoom before the page is run anew.
    """
    import streamlit as st

    key = key.replace("_", "-")  # Streamlit keeps two of them in a row for itself, and random ids hold such

    def zoomed() -> None:
        if on_zoom is not None:
            on_zoom(_range(st.session_state[key]))

    found = _component()(
        key=key,
        data={"figure": figure, "alt": alt, "height": height, "colours": COLOURS, "library": _library()},
        on_range_change=zoomed,
    )
    return _range(found)


def get_ready() -> None:
    """Have the browser fetch what charts are drawn with, while it shows something else; nothing is seen of it."""
    _component()(key="tocsin-ready", data={"library": _library()})


def _range(found: Mapping[str, Any]) -> Range | None:
    told = found.get("range")
    return (told[0], told[1]) if told else None


def _library() -> str:
    import streamlit as st

    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"{'/' + base if base else ''}{PLOTLY}"


@cache
def _component() -> Any:
    import streamlit as st

    script, style = (_FOLDER.joinpath(name).read_text("utf-8") for name in ("_plot.js", "_plot.css"))
    return st.components.v2.component("tocsin_plot", js=script, css=style, isolate_styles=False)
