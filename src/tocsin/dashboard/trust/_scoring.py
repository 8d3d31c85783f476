"""Scoring a file that is under analysis, with progress where it takes long."""

from __future__ import annotations

import time
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import problem_of
from tocsin.dashboard._session import client

_EVERY_S: Final = 0.3


def score(id: str, artifact: str, version: int | str, *, sort: bool = False) -> dict[str, Any]:
    """Score a file; return the summary.

    Raises
    ------
    ProblemError
        If it cannot be scored.
    """
    body = {"artifact": artifact, "version": version, "sort": sort}
    told: dict[str, Any] = client().post(f"/v1/analyses/{id}/score", body)
    if "facts" in told:
        return told
    place = st.empty()
    while (told := client().get(f"/v1/analyses/{id}/progress"))["state"] == "running":
        share = told["done"] / told["total"] if told.get("total") else 0.0
        place.progress(min(share, 1.0), text=f"Scoring with {artifact}: {told.get('what') or 'begins'}")
        time.sleep(_EVERY_S)
    place.empty()
    if told["state"] == "failed":
        raise problem_of(422, told["problem"])
    summary: dict[str, Any] = client().get(f"/v1/analyses/{id}")["scored"]
    return summary
