"""The form behind "Correct what was guessed": which column is what, and how the text is written."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._problems import told
from tocsin.dashboard.analyse._kept import correct

Told = dict[str, Any]

_GUESS, _NONE = "as guessed", "none"
_SIGNS: Final = {"separator": [",", ";", "\t", "|"], "decimal": [".", ","]}
_NAMES: Final = {",": "comma ,", ";": "semicolon ;", "\t": "tab", "|": "bar |", ".": "point ."}
_ENCODINGS: Final = ["utf-8", "cp1252", "latin-1", "utf-16"]


def show_form(found: Told) -> None:
    """Show the form; what is sent is read anew at once."""
    with st.expander("Correct what was guessed", icon=":material/tune:"), st.form("an_correct", border=False):
        names = [column["name"] for column in found["columns"]]
        chosen = _columns(found, names) | _text(found)
        if st.form_submit_button("Read it so", type="primary"):
            with told():
                correct({**found["overrides"], **chosen})
                st.rerun()


def _columns(found: Told, names: list[str]) -> Told:
    own, layout = found["overrides"], found["layout"]
    left, middle, right = st.columns(3)
    with left:
        time = _choice("Time", names, _one(own.get("time")), _guessed(layout, "time"))
    with middle:
        device = _choice("Device", names, own.get("device"), _guessed(layout, "device"))
    with right:
        label = _choice("Label, that marks what was wrong", names, own.get("label"), _guessed(layout, "label"))
    exclude = st.multiselect("Leave these columns out", names, default=_known(own.get("exclude"), names))
    return {
        "time": None if time is None else [time] if time else [],
        "device": device,
        "label": label,
        "exclude": exclude or None,
    }


def _text(found: Told) -> Told:
    own, layout = found["overrides"], found["layout"] or {}
    left, middle, right = st.columns(3)
    with left:
        separator = _sign("Columns are separated by", "separator", own, layout)
    with middle:
        decimal = _sign("Decimal sign", "decimal", own, layout)
    with right:
        encoding = _encoding(own.get("encoding"), layout.get("encoding"))
    form = st.text_input(
        "How times are written",
        own.get("time_format") or "",
        placeholder=layout.get("time_format") or "%d/%m/%Y %H:%M",
        help='A pattern such as %d/%m/%Y %H:%M, or "iso", "epoch_s", "epoch_ms"; "row" counts rows instead.',
    )
    missing = st.text_input("Texts that mean “missing”, with commas between", ", ".join(own.get("missing") or ()))
    return {
        "separator": separator,
        "decimal": decimal,
        "encoding": encoding,
        "time_format": form.strip() or None,
        "missing": [text.strip() for text in missing.split(",") if text.strip()] or None,
    }


def _choice(label: str, names: list[str], own: str | None, guessed: str) -> str | None:
    """Return a column's name, "" for none, None for the guess."""
    options = [None, "", *names]
    shown = {None: f"{_GUESS}{guessed}", "": _NONE}
    at = options.index(own) if own in options else 0
    found: str | None = st.selectbox(label, options, index=at, format_func=lambda name: shown.get(name, name))
    return found


def _sign(label: str, name: str, own: Told, layout: Told) -> str | None:
    options = [None, *_SIGNS[name]]
    guess = _NAMES.get(layout.get(name, ""), "")
    shown = f"{_GUESS} ({guess})" if guess else _GUESS
    at = options.index(own.get(name)) if own.get(name) in options else 0
    names: dict[str | None, str] = {None: shown, **{sign: _NAMES[sign] for sign in _SIGNS[name]}}
    found: str | None = st.selectbox(label, options, index=at, format_func=names.__getitem__)
    return found


def _encoding(own: str | None, guess: str | None) -> str | None:
    options = [None, *dict.fromkeys([*_ENCODINGS, *([own] if own else [])])]
    shown = f"{_GUESS} ({guess})" if guess else _GUESS
    found: str | None = st.selectbox(
        "Encoding", options, index=options.index(own), format_func=lambda name: shown if name is None else name
    )
    return found


def _guessed(layout: Told | None, name: str) -> str:
    if layout is None:
        return ""
    found = layout[name]
    text = " and ".join(found) if isinstance(found, list) else found
    return f" ({text or _NONE})"


def _one(names: list[str] | None) -> str | None:
    return None if names is None else names[0] if names else ""


def _known(chosen: list[str] | None, names: list[str]) -> list[str]:
    return [name for name in chosen or () if name in names]
