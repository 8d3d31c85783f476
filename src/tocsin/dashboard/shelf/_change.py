"""What changes an artifact asks first, and names what will be otherwise and how a running watch follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from tocsin.dashboard._artifact_words import channels_in_words, limit_in_words, threshold_in_words
from tocsin.dashboard._client import ProblemError
from tocsin.dashboard._problems import plain, show_problem
from tocsin.dashboard._session import client

Told = dict[str, Any]


@st.dialog("Put another version in force?", width="large")
def ask_to_activate(shelf: Told, version: Told) -> None:
    """Ask whether ``version`` is to be in force from now on."""
    activation(shelf, version)


@st.dialog("Roll back?", width="large")
def ask_to_roll_back(shelf: Told, now: Told, earlier: Told) -> None:
    """Ask whether the version before is to be in force again."""
    rolling_back(shelf, now, earlier)


@st.dialog("Remove this version?")
def ask_to_remove(name: str, version: Told) -> None:
    """Ask whether a version is to be removed for good."""
    removal(name, version)


def activation(shelf: Told, version: Told) -> None:
    """Say what another version changes, and put it in force once somebody is sure."""
    name, number = shelf["name"], version["version"]
    now = next((one for one in shelf["versions"] if one["active"]), None)
    st.markdown(f"**{plain(name)}**: version {number} " + (f"instead of {now['version']}." if now else "from now on."))
    if now is not None:
        _differences(now, version)
    _follows(name)
    _answer(f"Put version {number} in force", lambda: client().post(f"/v1/artifacts/{name}/{number}/activate"))


def rolling_back(shelf: Told, now: Told, earlier: Told) -> None:
    """Say what going back changes, and go back once somebody is sure."""
    name = shelf["name"]
    st.markdown(f"**{plain(name)}**: back to version {earlier['version']}, which was in force before {now['version']}.")
    _differences(now, earlier)
    _follows(name)
    _answer("Roll back", lambda: client().post(f"/v1/artifacts/{name}/roll-back"))


def removal(name: str, version: Told) -> None:
    """Say what goes, and remove it once somebody is sure."""
    number = version["version"]
    st.markdown(
        f"Version {number} of **{plain(name)}** will be gone, and its number is not given again. It is not in force, "
        "so no watch that follows this shelf is touched."
    )
    _answer("Remove it", lambda: client().delete(f"/v1/artifacts/{name}/{number}"))


def offer_roll_back(shelf: Told) -> None:
    """Show the button that puts the version in force which was so before, where there is one."""
    now, earlier = shelf["active"], before(shelf, client().get(f"/v1/artifacts/{shelf['name']}")["activations"])
    if earlier is not None and st.button(f"Roll back to version {earlier['version']}", icon=":material/undo:"):
        ask_to_roll_back(shelf, next(one for one in shelf["versions"] if one["version"] == now), earlier)


def before(shelf: Told, activations: list[Told]) -> Told | None:
    """Return the version that a roll-back leads to, None where none does.

    >>> shelf = {"active": 2, "versions": [{"version": 2}, {"version": 1}]}
    >>> before(shelf, [{"version": 2}, {"version": 1}])
    {'version': 1}
    >>> before(shelf, [{"version": 2}])
    """
    there = {one["version"]: one for one in shelf["versions"]}
    numbers = (one["version"] for one in activations)
    return next((there[number] for number in numbers if number != shelf["active"] and number in there), None)


def _differences(now: Told, then: Told) -> None:
    rows: list[tuple[str, Callable[[Told], str]]] = [
        ("detector", lambda one: f"{plain(one['detector'])}, window {one['window']}"),
        ("channels", lambda one: channels_in_words(one["channels"])),
        ("limit", lambda one: limit_in_words(one).removeprefix("is ")),
        ("threshold", lambda one: plain(threshold_in_words(one["threshold"]))),
        ("learned from", lambda one: f"{one['readings']:,} readings"),
    ]
    lines = [
        f"| {name} | {say(now)} | {'' if say(now) == say(then) else '**'}{say(then)}"
        f"{'' if say(now) == say(then) else '**'} |"
        for name, say in rows
    ]
    st.markdown(
        "\n".join([f"| what | version {now['version']}, now | version {then['version']} |", "|---|---|---|", *lines])
    )


def _follows(name: str) -> None:
    st.info(
        f"Scores asked of this service with “active” come from it at once. A watch that was given "
        f"`artifacts/{name}/active.tocsin` takes it up when it reloads (`kill -HUP`, `systemctl reload`): it loses no "
        "reading, and devices need a window of readings before they have a score again. A watch of another "
        "file keeps that.",
        icon=":material/sensors:",
    )


def _answer(label: str, act: Callable[[], Any]) -> None:
    with st.container(horizontal=True):
        sure = st.button(label, type="primary")
        if st.button("Leave it"):
            st.rerun()
    if not sure:
        return
    try:
        act()
    except ProblemError as problem:
        show_problem(problem)
    else:
        st.rerun()
