"""Which file is judged, scored with which artifact: the one of the page "Analyse a file", or another one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError, chunks
from tocsin.dashboard._problems import plain, show_wrong
from tocsin.dashboard._session import client, may
from tocsin.dashboard.analyse._kept import ID, keep
from tocsin.dashboard.launch import ARTIFACT
from tocsin.dashboard.trust._scoring import score

_OWN: Final = "trust_analysis"
"""Where the session keeps which file was dropped here, and which one the page "Analyse a file" had then."""


@dataclass(frozen=True)
class Scored:
    """A file under analysis that has been scored.

    Parameters
    ----------
    id
        Of the analysis.
    name
        Of the file.
    summary
        What scoring made of it.
    """

    id: str
    name: str
    summary: dict[str, Any]

    @property
    def key(self) -> str:
        """Tells the file with this artifact from all others."""
        return f"{self.id}_{self.summary['artifact']}_{self.summary['version']}"


def scored_file() -> Scored | None:
    """Show which file is judged, and let another be chosen; None where there is none yet."""
    found = _known()
    if found is not None:
        used = f"{plain(found.summary['artifact'])}, version {found.summary['version']}"
        st.markdown(f":material/description: **{plain(found.name)}**, scored with **{used}**")
    if may("operate"):
        with st.expander("Another file, or another artifact", expanded=found is None):
            _choose(found)
    elif found is None:
        st.info("Your token may look, and this needs one that may operate: ask whoever runs the service.")
    return found


def _known() -> Scored | None:
    """Return the file that was taken up last, here or on the page "Analyse a file"."""
    own, then = st.session_state.get(_OWN, ("", None))
    there = st.session_state.get(ID)
    for id in (own, there) if there == then else (there, own):
        if id and (told := _told(id)) is not None and told["scored"] is not None:
            return Scored(id, told["name"], told["scored"])
    return None


def _told(id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = client().get(f"/v1/analyses/{id}")
    except ProblemError as problem:
        if problem.status != 404:
            raise
        return None
    return found


def _choose(found: Scored | None) -> None:
    shelves = client().get("/v1/artifacts")["artifacts"]
    names = [shelf["name"] for shelf in shelves if shelf["active"] is not None]
    if not names:
        st.info("There is no artifact yet: train one on the page *Analyse a file*.")
        return
    with st.form("trust_file", border=False):
        file = st.file_uploader(
            "Readings, CSV or Parquet; best with a column of labels, and from later than the artifact has learned from",
            type=["csv", "tsv", "txt", "parquet"],
        )
        name = st.selectbox("Artifact", names, index=_likeliest(names, found), width=420)
        if st.form_submit_button("Score it", type="primary"):
            _take(file, name, found)


def _likeliest(names: list[str], found: Scored | None) -> int:
    """Return which artifact is offered: the one last used, else the one that the dashboard began with."""
    wanted = (None if found is None else found.summary["artifact"], os.environ.get(ARTIFACT))
    return next((names.index(name) for name in wanted if name in names), 0)


def _take(file: Any, artifact: str, found: Scored | None) -> None:
    """Score what was dropped; without a new file, the present one with another artifact."""
    if file is None and found is None:
        st.warning("Drop a file first.", icon=":material/upload_file:")
        return
    reading = _sent(file) if file is not None else None if found is None else _told(found.id)
    if reading is None:
        return
    score(reading["id"], artifact, "active", sort=_unordered(reading))
    if reading["id"] == st.session_state.get(ID):
        keep(client().get(f"/v1/analyses/{reading['id']}"))
    else:
        st.session_state[_OWN] = (reading["id"], st.session_state.get(ID))
    st.rerun()


def _unordered(reading: dict[str, Any]) -> bool:
    """Tell whether the rows are to be taken in order of time."""
    if reading["scored"] is not None:
        return bool(reading["scored"]["sorted"])
    findings = reading["quality"]["findings"]
    return any("sort" in fix for finding in findings for fix in finding.get("fixes", ()))


def _sent(file: Any) -> dict[str, Any] | None:
    reading: dict[str, Any] = client().upload("/v1/analyses", chunks(file.getbuffer()), params={"name": file.name})
    if reading["state"] == "readable":
        return {"scored": None, **reading}
    show_wrong(reading["problem"]["detail"], reading["problem"]["remedy"])
    st.caption("The page *Analyse a file* helps to read it.")
    return None
