"""Who looks: one visitor, whose token is kept for as long as their page is open, and nowhere else."""

from __future__ import annotations

import os
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import Client, ProblemError, address
from tocsin.dashboard._problems import plain, show_problem
from tocsin.dashboard.launch import TOKEN

_CLIENT: Final = "tocsin_client"
_ME: Final = "tocsin_me"
_REFUSED: Final = "tocsin_refused"
_SCOPES: Final = ("read", "operate", "admin")


def client() -> Client:
    """Return this visitor's way to the service; where a token is needed, the page asks for it and goes no further."""
    if _CLIENT not in st.session_state:
        _come_in()
    found: Client = st.session_state[_CLIENT]
    return found


def me() -> dict[str, Any]:
    """Return who asks and what they may do, as ``GET /v1/me`` tells."""
    client()
    told: dict[str, Any] = st.session_state[_ME]
    return told


def may(scope: str) -> bool:
    """Tell whether this visitor may do what needs ``scope``: "read", "operate" or "admin"."""
    return _SCOPES.index(me()["scope"]) >= _SCOPES.index(scope)


def show_visitor() -> None:
    """Say who looks, with a way to leave; nothing where nobody had to say who they are."""
    if _ME not in st.session_state or me()["open"] or os.environ.get(TOKEN):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="visitor"):
        st.caption(f"You are here as **{plain(me()['name'])}**, who may {me()['scope']}.", width="content")
        st.button("Leave", on_click=leave, type="tertiary", icon=":material/logout:")


def leave() -> None:
    """Forget the token, and all that was seen with it."""
    st.session_state.clear()


def _come_in() -> None:
    """Connect with the dashboard's own token, or with none; where that will not do, ask for one."""
    token, refusal = os.environ.get(TOKEN, ""), st.session_state.pop(_REFUSED, None)
    try:
        _connect(token)
    except ProblemError as problem:
        if problem.status == 401:
            _ask(refusal or (problem if token else None))
        else:
            show_problem(problem)
        st.stop()


def _connect(token: str) -> None:
    told = Client(address(), token).get("/v1/me")
    st.session_state[_CLIENT], st.session_state[_ME] = Client(address(), token, refused=_turned_away), told


def _turned_away(problem: ProblemError) -> None:
    """Lead back to the welcome: the token was revoked while the page was open."""
    leave()
    st.session_state[_REFUSED] = problem
    st.rerun()


def _ask(refusal: ProblemError | None) -> None:
    st.title("Welcome")
    st.write(f"The service at {plain(address())} asks who you are.")
    with st.form("token"):
        secret = st.text_input("Token", type="password", help="Whoever runs the service makes one: tocsin token create")
        sent = st.form_submit_button("Enter", type="primary")
    if sent and secret:
        try:
            _connect(secret.strip())
        except ProblemError as problem:
            refusal = problem
        else:
            st.rerun()
    if refusal is not None:
        show_problem(refusal)
