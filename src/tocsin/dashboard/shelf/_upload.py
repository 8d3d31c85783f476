"""Adding an artifact that was trained elsewhere."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError, chunks
from tocsin.dashboard._problems import plain, show_problem
from tocsin.dashboard._session import client

_SAID: Final = "shelf_said"


def upload_form(*, empty: bool) -> None:
    """Show the form that adds a file; ``empty`` tells that there is nothing else on the page."""
    if said := st.session_state.pop(_SAID, ""):
        st.success(said, icon=":material/check:")
    with st.expander("Add an artifact", icon=":material/upload:", expanded=empty), st.form("shelf_add", border=False):
        file = st.file_uploader("Artifact, a .tocsin file", type=["tocsin"])
        left, right = st.columns([1, 2])
        name = left.text_input("Name", max_chars=100, help="Letters, digits, - _ and . ; without one, the file's own")
        note = right.text_input("Note", max_chars=2000, placeholder="what is new in it")
        if not st.form_submit_button("Add it", type="primary"):
            return
        if file is None:
            st.warning("Choose a .tocsin file first.", icon=":material/upload_file:")
        else:
            _add(name.strip() or file.name.removesuffix(".tocsin"), file, note.strip())


def _add(name: str, file: Any, note: str) -> None:
    from urllib.parse import quote

    try:
        added = client().upload(
            f"/v1/artifacts/{quote(name, safe='')}", chunks(file.getbuffer()), params={"note": note or None}
        )
    except ProblemError as problem:
        show_problem(problem)
        return
    force = "It is in force." if added["active"] else "It is not in force yet: put it in force below its number."
    st.session_state[_SAID] = f"{plain(name)}, version {added['version']}, is here. {force}"
    st.query_params["name"] = name
    st.rerun()
