"""What this visitor's page remembers: the file under analysis by its id, and what the service has told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError
from tocsin.dashboard._session import client

Told = dict[str, Any]

ID: Final = "analysis"
"""Where the file's id is kept; the page "Compare and trust" reads it too."""

_READING, _SORT, _PROBLEM, _FETCHED, _ZOOM = "an_reading", "an_sort", "an_problem", "an_fetched", "an_zoom"


def reading() -> Told | None:
    """Return how the file is read, None where there is none."""
    id = st.session_state.get(ID)
    if id and _READING not in st.session_state:
        try:
            st.session_state[_READING] = client().get(f"/v1/analyses/{id}")
        except ProblemError as problem:
            if problem.status != 404:
                raise
            forget()
            st.info("The service does not have the file any more. Drop it again.")
    found: Told | None = st.session_state.get(_READING)
    return found


def keep(found: Told) -> None:
    """Remember what the service has told of the file, in the place of what was."""
    if found["id"] != st.session_state.get(ID):
        forget()
    st.session_state[ID], st.session_state[_READING] = found["id"], found
    for name in (_FETCHED, _ZOOM, _PROBLEM):
        st.session_state.pop(name, None)


def forget() -> None:
    """Forget the file."""
    for name in [name for name in st.session_state if str(name).startswith("an_")] + [ID]:
        st.session_state.pop(name, None)


def correct(overrides: Mapping[str, Any]) -> None:
    """Have the file read with other settings."""
    wanted = {name: value for name, value in overrides.items() if value is not None}
    keep(client().put(f"/v1/analyses/{st.session_state[ID]}/overrides", wanted))


def scored(summary: Told) -> None:
    """Remember what scoring made of the file."""
    found = reading()
    assert found is not None
    keep({**found, "scored": summary})


def sorting() -> bool:
    """Tell whether rows are taken in order of time instead of the file's."""
    return bool(st.session_state.get(_SORT, False))


def sort() -> None:
    """Take rows in order of time from now on."""
    st.session_state[_SORT] = True
    st.session_state.pop(_PROBLEM, None)


def stumbled(problem: ProblemError) -> None:
    """Remember why the file could not be scored."""
    st.session_state[_PROBLEM] = problem


def stumble() -> ProblemError | None:
    """Return why the file could not be scored, None where nothing was wrong."""
    found: ProblemError | None = st.session_state.get(_PROBLEM)
    return found


def fetched(what: str, params: Mapping[str, Any]) -> Told:
    """Return what the service tells of the scored file; what was asked before is not asked again."""
    kept: dict[str, Told] = st.session_state.setdefault(_FETCHED, {})
    key = f"{what} {sorted(params.items())}"
    if key not in kept:
        kept[key] = client().get(f"/v1/analyses/{st.session_state[ID]}/{what}", params)
        while len(kept) > 30:
            kept.pop(next(iter(kept)))
    return kept[key]


def zoom() -> Any:
    """Return what part of the chart is zoomed to; None for all."""
    return st.session_state.get(_ZOOM)


def zoom_to(ends: Any) -> None:
    """Zoom to ``ends``, from and to; None for all."""
    st.session_state[_ZOOM] = None if ends is None else tuple(ends)
