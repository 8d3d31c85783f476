"""What the file is scored with: a trained artifact, or one that learns from this very file now."""

from __future__ import annotations

import os
import re
from pathlib import PurePath
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError, problem_of
from tocsin.dashboard._problems import plain
from tocsin.dashboard._problems import told as problems_told
from tocsin.dashboard._session import client, may
from tocsin.dashboard.analyse._kept import scored, sorting, stumble, stumbled
from tocsin.dashboard.analyse._reading import show_trouble
from tocsin.dashboard.launch import ARTIFACT
from tocsin.dashboard.trust._scoring import score

Told = dict[str, Any]

_JOB: Final = "an_job"
_USED: Final = "an_used"
_DETECTORS: Final = {
    "auto": "chosen for me (a small set, weighed by faults put in)",
    "rolling_zscore": "rolling z-score: the quickest, for jumps and spikes",
    "isolation_forest": "isolation forest: odd combinations of channels",
    "autoencoder": "autoencoder: shapes of several channels together",
    "pca": "principal components: channels that stop moving together",
    "lstm_autoencoder": "LSTM autoencoder: long patterns, slow to train",
    "spectral_residual": "spectral residual: what stands out from a rhythm",
}


def show_artifacts(found: Told) -> None:
    """Show how to score the file; follow the training where there is one."""
    st.header("What is normal?", divider="gray")
    if _JOB in st.session_state:
        _follow(found)
        return
    used = found["scored"]
    if used is not None:
        st.markdown(
            f"Scored with **{plain(used['artifact'])}**, version {used['version']} ({plain(used['detector'])})."
        )
        with st.expander("Score it with another, or train one"):
            _ways(found)
    else:
        if stumble() is None and (name := _obvious(found)):
            _score(name, "active")
        _ways(found)
    if (problem := stumble()) is not None:
        show_trouble(problem, found, key="scoring")
    elif used is not None and used["sorted"] != sorting():
        _score(used["artifact"], used["version"])


def _obvious(found: Told) -> str | None:
    """Return the artifact that is taken without a question, of those that fit: used before, begun with, or the only."""
    own = _channels(found)
    fitting = [shelf["name"] for shelf in _shelves(found) if own.issuperset(shelf["active"]["channels"])]
    for name in (st.session_state.get(_USED), os.environ.get(ARTIFACT)):
        if name in fitting:
            return name
    return fitting[0] if len(fitting) == 1 else None


def _ways(found: Told) -> None:
    shelves = _shelves(found)
    train, use = "Train on this file", "Use a trained artifact"
    way = st.segmented_control(
        "Way",
        [use, train] if shelves else [train, use],
        default=use if shelves else train,
        required=True,
        label_visibility="collapsed",
        key=f"an_way_{bool(shelves)}",
    )
    if way == train:
        _train(found)
    else:
        _use(shelves)


def _shelves(found: Told) -> list[Told]:
    """Return the artifacts that can be used, those first whose channels are all in the file."""
    own = _channels(found)
    told: list[Told] = client().get("/v1/artifacts")["artifacts"]
    usable = [shelf | {"active": _active(shelf)} for shelf in told if shelf["active"] is not None]
    return sorted(usable, key=lambda shelf: not own.issuperset(shelf["active"]["channels"]))


def _channels(found: Told) -> set[str]:
    return {channel["name"] for channel in found["layout"]["channels"]}


def _active(shelf: Told) -> Told:
    found: Told = next(version for version in shelf["versions"] if version["active"])
    return found


def _described(shelf: Told) -> str:
    version = shelf["active"]
    channels = ", ".join(version["channels"][:4]) + (" …" if len(version["channels"]) > 4 else "")
    return f"{shelf['name']}: {version['detector']} of {channels}"


def _use(shelves: list[Told]) -> None:
    if shelves:
        with st.form("an_use", border=False):
            told = {shelf["name"]: _described(shelf) for shelf in shelves}
            name = st.selectbox("Artifact", list(told), format_func=told.__getitem__, width=560)
            if st.form_submit_button("Score the file", type="primary", icon=":material/play_arrow:"):
                _score(name, "active")
    else:
        st.write("There is none yet. Train one on this file, or drop a .tocsin file here.")
    if may("admin"):
        file = st.file_uploader("Or drop an artifact, *.tocsin", type=["tocsin"], key="an_artifact")
        if file is not None and st.button("Take it, and score the file", key="an_take"):
            _take(file.name, file.getvalue())


def _take(name: str, content: bytes) -> None:
    with problems_told():
        name = named(name)
        version = client().upload(f"/v1/artifacts/{name}", content, params={"note": "dropped on the page"})
        _score(name, version["version"])


def _score(artifact: str, version: int | str) -> None:
    id = st.session_state["analysis"]
    try:
        with st.spinner("Scoring …"):
            summary = score(id, artifact, version, sort=sorting())
    except ProblemError as problem:
        stumbled(problem)
    else:
        scored(summary)
        st.session_state[_USED] = artifact
    st.rerun()


def _train(found: Told) -> None:
    st.write("tocsin learns what is normal from this file. Stretches that its labels mark as wrong are left out.")
    with st.form("an_train", border=False):
        left, middle, right = st.columns(3)
        name = left.text_input("Name of the artifact", named(found["name"]), max_chars=100)
        detector = middle.selectbox("Detector", list(_DETECTORS), format_func=_DETECTORS.__getitem__)
        budget = right.text_input(
            "False alarms that can be borne",
            placeholder="1 per device per week",
            help="The limit is set to keep this budget. Left empty, the detector's usual limit is taken.",
        )
        if st.form_submit_button("Train now", type="primary", icon=":material/model_training:"):
            _begin(found, name.strip(), detector, budget.strip())


def _begin(found: Told, name: str, detector: str, budget: str) -> None:
    asked = {"name": name, "detector": detector, "budget": budget or None}
    with problems_told():
        st.session_state[_JOB] = client().post(f"/v1/analyses/{found['id']}/train", asked)["id"]
        st.rerun()


def _follow(found: Told) -> None:
    job = client().get(f"/v1/jobs/{st.session_state[_JOB]}")
    if job["state"] in ("queued", "running"):
        _progress(job["id"])
        return
    if job["state"] == "done":
        st.session_state.pop(_JOB)
        _score(job["result"]["artifact"], job["result"]["version"])
        return
    if job["problem"]:
        show_trouble(problem_of(422, job["problem"]), found, key="training")
    else:
        st.info("The training was cancelled; nothing was kept.")
    if st.button("Try again", icon=":material/replay:"):
        st.session_state.pop(_JOB)
        st.rerun()


@st.fragment(run_every=0.5)
def _progress(id: str) -> None:
    with problems_told():
        job = client().get(f"/v1/jobs/{id}")
        if job["state"] not in ("queued", "running"):
            st.rerun()
        step = job["progress"]
        if step is None:
            st.progress(0.0, text="Waits for its turn …" if job["state"] == "queued" else "Begins to learn …")
        else:
            share = step["done"] / step["total"] if step["total"] else 0.0
            note = f" ({step['note']})" if step["note"] else ""
            st.progress(min(share, 1.0), text=plain(f"{step['what']}: {step['done']:,} of {step['total']:,}{note}"))
        if st.button("Cancel", icon=":material/cancel:"):
            client().delete(f"/v1/jobs/{id}")
            st.rerun()


def named(file: str) -> str:
    """Return a name for an artifact from that of a file.

    >>> named("Pump 3, März.csv"), named("…")
    ('Pump-3-M-rz', 'artifact')
    """
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", PurePath(file).stem).strip("-._")[:60] or "artifact"
