"""Who looks: the connection of one visitor, whose token is kept for as long as their page is open, and nowhere else."""

from __future__ import annotations

import os
from typing import Any

import streamlit as st

from tocsin.dashboard._client import Client, ProblemError
from tocsin.dashboard._problems import plain, show_problem
from tocsin.dashboard.launch import SERVICE, TOKEN

_CLIENT, _ME = "tocsin_client", "tocsin_me"
_SCOPES = ("read", "operate", "admin")


def client() -> Client:
    """Return this visitor's connection; where a token is needed, the page asks for it and goes no further."""
    found = st.session_state.get(_CLIENT)
    if found is None:
        token = os.environ.get(TOKEN, "")
        try:
            found = _connected(token)
        except ProblemError as problem:
            _refused(problem, given=bool(token))
    assert found is not None
    return found


def me() -> dict[str, Any]:
    """Return who asks and what they may do, as ``GET /v1/me`` tells."""
    client()
    told: dict[str, Any] = st.session_state[_ME]
    return told


def may(scope: str) -> bool:
    """Tell whether this visitor may do what needs ``scope``: "read", "operate" or "admin"."""
    return _SCOPES.index(me()["scope"]) >= _SCOPES.index(scope)


def leave() -> None:
    """Forget the token and what belongs to it."""
    if (found := st.session_state.pop(_CLIENT, None)) is not None:
        found.close()
    st.session_state.pop(_ME, None)


def _connected(token: str) -> Client:
    made = Client(_url(), token)
    try:
        told = made.get("/v1/me")
    except ProblemError:
        made.close()
        raise
    st.session_state[_CLIENT], st.session_state[_ME] = made, told
    return made


def _url() -> str:
    return os.environ.get(SERVICE, "http://127.0.0.1:8420")


def _refused(problem: ProblemError, *, given: bool) -> None:
    """Say why the service cannot be asked; or ask for a token, where it wants one."""
    if problem.status == 401:
        _ask(problem if given else None)
    else:
        show_problem(problem)
        if st.button("Try again", type="primary"):
            st.rerun()
    st.stop()


def _ask(problem: ProblemError | None) -> None:
    st.title("Welcome")
    st.write(f"The service at {plain(_url())} asks who you are.")
    with st.form("token"):
        secret = st.text_input("Token", type="password", help="Whoever runs the service makes one: tocsin token create")
        sent = st.form_submit_button("Enter", type="primary")
    if sent and secret:
        try:
            _connected(secret.strip())
        except ProblemError as refusal:
            problem = refusal
        else:
            st.rerun()
    if problem is not None:
        show_problem(problem)
