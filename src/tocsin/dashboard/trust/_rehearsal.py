"""Which faults would ring and which would be missed: faults put into the file's own normal readings, as a job."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._plot import plot
from tocsin.dashboard._problems import show_wrong
from tocsin.dashboard._session import client, may
from tocsin.dashboard.trust._file import Scored
from tocsin.dashboard.trust._judged import show_cautions
from tocsin.dashboard.trust._matrix import alt, by_channel, by_kind, matrix, missed, noticed

Told = dict[str, Any]

_JOBS: Final = "trust_rehearsals"
_TRIALS: Final = {10: "quick: 10 tries of each", 20: "usual: 20", 50: "thorough: 50"}


def show_rehearsal(found: Scored) -> None:
    """Show the rehearsal of this file, or offer to begin one."""
    st.markdown(
        "Faults of many kinds and sizes are put into normal readings of this file, and scored as ever. What rings here "
        "would ring in earnest, as far as real faults look like these."
    )
    jobs: dict[str, str] = st.session_state.setdefault(_JOBS, {})
    if (id := jobs.get(found.key)) is None:
        _offer(found, jobs)
        return
    job: Told = client().get(f"/v1/jobs/{id}")
    if job["state"] in ("queued", "running"):
        _follow(id)
        return
    if job["state"] == "done":
        _show(job["result"], found)
    elif job["problem"]:
        show_wrong(job["problem"]["detail"], job["problem"]["remedy"])
    else:
        st.info("The rehearsal was ended.")
    if st.button("Rehearse again", icon=":material/replay:"):
        jobs.pop(found.key)
        st.rerun()


def _offer(found: Scored, jobs: dict[str, str]) -> None:
    if not may("operate"):
        st.info("Rehearsing needs a token that may operate.")
        return
    with st.form("trust_rehearse", border=False):
        trials = st.radio("How thorough?", list(_TRIALS), index=1, format_func=_TRIALS.__getitem__, horizontal=True)
        if st.form_submit_button("Rehearse", type="primary", icon=":material/theater_comedy:"):
            jobs[found.key] = client().post(f"/v1/analyses/{found.id}/rehearse", {"trials": trials})["id"]
            st.rerun()


@st.fragment(run_every=1.0)
def _follow(id: str) -> None:
    job: Told = client().get(f"/v1/jobs/{id}")
    if job["state"] not in ("queued", "running"):
        st.rerun()
    step = job["progress"]
    if step is None:
        st.progress(0.0, text="Waits for its turn …" if job["state"] == "queued" else "Begins …")
    else:
        share = step["done"] / step["total"] if step["total"] else 0.0
        st.progress(min(share, 1.0), text=f"{step['what']}: {step['done']:,} of {step['total']:,}")
    if st.button("Cancel", key="trust_cancel"):
        client().delete(f"/v1/jobs/{id}")
        st.rerun()


def _show(told: Told, found: Scored) -> None:
    good, bad = noticed(told), missed(told)
    if good:
        st.success(f"Noticed in 9 of 10 cases, if large enough: {', '.join(good)}.", icon=":material/check:")
    if bad:
        st.error(
            f"Missed more often than that at every size tried: {', '.join(bad)}.", icon=":material/notifications_off:"
        )
    chance = f"{told['false_alarms']:.0%}".replace("%", " %")
    cautions = [*told["notes"], f"{chance} of the {told['trials']} stretches ring without any fault."]
    show_cautions(cautions)
    st.markdown("### Share of the faults that ring")
    plot(matrix(told), key=f"matrix_{found.key}", alt=alt(told), height=110 + 34 * len(told["kinds"]))
    st.markdown(by_kind(told))
    st.caption(
        "σ is the standard deviation of a channel in these readings. *Rings from* is the smallest size from which on 9 "
        "of 10 faults ring; delay and cause are told at that size, else at the largest."
    )
    if told["channels"]:
        with st.expander("By channel"):
            st.markdown(by_channel(told))
    st.caption("This holds for faults like these, in readings like these; real faults may look otherwise.")
