"""Which file is judged, scored with which artifact: the one of the page "Analyse a file", or another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError, chunks
from tocsin.dashboard._problems import plain, show_wrong
from tocsin.dashboard._session import client, may
from tocsin.dashboard.trust._scoring import score

_OWN: Final = "trust_analysis"
OF_ANALYSE: Final = "analysis"
"""Where the page "Analyse a file" keeps its analysis' id."""


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
    for key in (_OWN, OF_ANALYSE):
        id = st.session_state.get(key)
        if isinstance(id, str) and id:
            try:
                told = client().get(f"/v1/analyses/{id}")
            except ProblemError as problem:
                if problem.status != 404:
                    raise
                continue
            if told["scored"] is not None:
                return Scored(id, told["name"], told["scored"])
    return None


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
        name = st.selectbox("Artifact", names, width=420)
        if st.form_submit_button("Score it", type="primary"):
            _take(file, name, found)


def _take(file: Any, artifact: str, found: Scored | None) -> None:
    """Score what was dropped; without a new file, the present one with another artifact."""
    if file is None and found is None:
        st.warning("Drop a file first.", icon=":material/upload_file:")
        return
    id = _sent(file) if file is not None else found.id if found is not None else None
    if id is not None:
        score(id, artifact, "active")
        st.session_state[_OWN] = id
        st.rerun()


def _sent(file: Any) -> str | None:
    reading = client().upload("/v1/analyses", chunks(file.getbuffer()), params={"name": file.name})
    if reading["state"] == "readable":
        return str(reading["id"])
    show_wrong(reading["problem"]["detail"], reading["problem"]["remedy"])
    st.caption("The page *Analyse a file* helps to read it.")
    return None
