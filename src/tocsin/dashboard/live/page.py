"""The page "Live": counts, one device as it moves, the form of an answer, open incidents beside the fleet."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._problems import plain
from tocsin.dashboard._session import client, may
from tocsin.dashboard.live._answer import ANSWERING, answer_form
from tocsin.dashboard.live._begin import how_to_begin
from tocsin.dashboard.live._drawn import draw
from tocsin.dashboard.live._fleet import fleet, head, incidents, lately_over, shown_name
from tocsin.dashboard.live._seen import now_ms, seen
from tocsin.dashboard.live._series import pictures
from tocsin.dashboard.live.wall import show_wall

EVERY_S: Final = 1.0
SPANS: Final = (5, 10, 60)
"""Minutes that one device may be looked at."""

_STEADY: Final = '<style>[data-testid="stMain"] [data-stale="true"] {opacity: 1 !important; transition: none;}</style>'
"""What is drawn anew each second does not fade while its figures are fetched."""


def show() -> None:
    """Show the page."""
    client()
    st.html(_STEADY)
    if st.query_params.get("wall"):
        show_wall()
        return
    st.title("Live")
    _counts()
    # each has its own place, also while it is empty: what comes after it is not drawn twice when it comes or goes
    picked, answering = st.container(), st.container()
    if device := st.query_params.get("device"):
        with picked:
            _device_block(device)
    with answering:
        answer_form()
    _board(_search())


@st.fragment(run_every=EVERY_S)
def _counts() -> None:
    draw("counts", head(), key="live_counts")


def _search() -> str:
    """Return what was typed; it stands outside of what is drawn each second."""
    return st.text_input("Find a device", key="live_like", placeholder="part of its name", width=320)


@st.fragment(run_every=EVERY_S)
def _board(like: str) -> None:
    fleet_told, own = fleet(like), st.query_params.get("device")
    if fleet_told is None:
        return
    left, right = st.columns([2, 3], gap="medium")
    with left:
        st.header("Open incidents")
        told = {"answering": st.session_state.get(ANSWERING), "answers": may("operate"), **incidents()}
        _follow(draw("incidents", told, key="live_incidents"))
        st.header("Lately over")
        _follow(draw("incidents", {**told, **lately_over()}, key="live_over"))
    with right:
        st.header("Fleet, worst first")
        if fleet_told["devices"] or like:
            _follow(
                draw("fleet", {"device": own, "duty": st.query_params.get("duty", ""), **fleet_told}, key="live_fleet")
            )
        else:
            how_to_begin()


def _follow(clicked: Any) -> None:
    """Go where somebody clicked."""
    if clicked.device:
        st.query_params.update({"device": clicked.device["device"], "duty": clicked.device["duty"]})
        st.rerun()
    if clicked.answer:
        st.session_state[ANSWERING] = clicked.answer["id"]
        st.rerun()


def _device_block(device: str) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            st.header(plain(shown_name(device, st.query_params.get("duty", ""))), width="content")
            minutes = _minutes()
            closed = st.button("Close", icon=":material/close:", key="live_close")
        _moving(device, minutes)
        st.caption("The address of this page leads here: share it.")
    if closed:
        for gone in ("device", "duty"):
            st.query_params.pop(gone, None)
        st.rerun()


def _minutes() -> int:
    told = st.query_params.get("minutes", "")
    first = int(told) if told.isdecimal() and int(told) in SPANS else SPANS[1]
    chosen = st.segmented_control("Show the last", SPANS, default=first, format_func=lambda m: f"{m} min")
    if chosen and chosen != first:
        st.query_params["minutes"] = str(chosen)
    return chosen or first


@st.fragment(run_every=EVERY_S)
def _moving(device: str, minutes: int) -> None:
    params = {"duty": st.query_params.get("duty") or None, "minutes": minutes}
    told = seen(f"/v1/devices/{device}", params)
    if told is None:
        st.info("Nothing is known of this device.")
        return
    draw("device", pictures(told, minutes=minutes, now_ms=now_ms()), key="live_device")
