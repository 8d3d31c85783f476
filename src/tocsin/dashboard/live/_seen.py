"""What the service tells of now; where it does not answer, what it told last, and since when it is away."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import streamlit as st

from tocsin.dashboard._client import Params, ProblemError
from tocsin.dashboard._session import client

_TOLD, _AWAY = "live_told", "live_away"
_LOST = (401, 403, 404, 422)
"""Answers that waiting does not mend; the page says them and goes on asking."""


def seen(path: str, params: Params = None) -> Any:
    """Return what is at ``path`` now; else what was there last, or None where nothing ever was."""
    kept: dict[str, Any] = st.session_state.setdefault(_TOLD, {})
    name = f"{path}?{sorted((params or {}).items())}"
    try:
        told = client().get(path, params)
    except ProblemError as problem:
        _note(problem)
        return kept.get(name)
    st.session_state.pop(_AWAY, None)
    kept.clear() if len(kept) > 20 else None
    kept[name] = told
    return told


def away() -> str:
    """Return what is wrong with the service, in a sentence with since when; "" where nothing is.

    Times in it are UTC: the service, its watch and this page may run on different machines.
    """
    found = st.session_state.get(_AWAY)
    return "" if found is None else f"{found[0]} Away since {found[1]} UTC; this page asks again every second."


def now_ms() -> float:
    """Return the present in ms since the epoch, as browsers count."""
    return datetime.now(UTC).timestamp() * 1000


def _note(problem: ProblemError) -> None:
    since = st.session_state.get(_AWAY, ("", f"{datetime.now(UTC):%H:%M:%S}"))[1]
    st.session_state[_AWAY] = (problem.message, since)
