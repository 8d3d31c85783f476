"""What moves on the page: drawn in the browser, where each element stays in its place while its figures change."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

_FOLDER: Final = Path(__file__).with_name("drawing")
_SCRIPTS: Final = ("dom", "words", "counts", "fleet", "incidents", "device", "wall", "live")


def draw(kind: str, told: dict[str, Any], *, key: str) -> Any:
    """Draw a part of the page anew; return what somebody has clicked since, in ``.device`` and ``.answer``.

    Parameters
    ----------
    kind
        "counts", "incidents", "fleet", "device" or "wall".
    told
        What is drawn.
    key
        Tells this part from others on the page.
    """
    return _component()(
        key=key, data={"kind": kind, **told}, on_device_change=lambda: None, on_answer_change=lambda: None
    )


@cache
def _component() -> Any:
    import streamlit as st

    script = "\n".join(_FOLDER.joinpath(f"{name}.js").read_text("utf-8") for name in _SCRIPTS)
    style = _FOLDER.joinpath("live.css").read_text("utf-8")
    return st.components.v2.component("tocsin_live", html='<div class="live"></div>', js=script, css=style)
