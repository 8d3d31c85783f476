"""How the file is understood, in plain words: what is wrong first, each with its corrections a click away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._client import ProblemError, problem_of
from tocsin.dashboard._problems import plain, show_problem, show_wrong, worded
from tocsin.dashboard.analyse._kept import correct, sort, sorting

Told = dict[str, Any]

_GRAVITY: Final = ("fatal", "warning", "note")
_MOST: Final = 8
"""Findings shown before the rest is a click away."""


def show_reading(found: Told) -> None:
    """Show what the file was taken for, and what is odd about it."""
    st.header("What is in it", divider="gray")
    if found["state"] == "unreadable":
        show_trouble(problem_of(422, found["problem"]), found, key="unreadable")
        st.subheader("The first rows, as they are")
        _preview(found)
        return
    for line in found["quality"]["lines"][:1]:
        st.markdown(f"**{plain(line)}**")
    _findings(found)
    _layout(found)


def show_trouble(problem: ProblemError, found: Told, *, key: str) -> None:
    """Show what is wrong with the file; what to do are buttons where there are corrections, else a sentence."""
    if not problem.corrections:
        show_problem(problem)
        return
    show_wrong(problem.message)
    st.markdown("A click puts it right:")
    show_fixes(problem.corrections, found, key=key)


def show_fixes(fixes: Sequence[Told], found: Told, *, key: str) -> None:
    """Show a button for each correction."""
    if not fixes:
        return
    with st.container(horizontal=True):
        for index, fix in enumerate(fixes):
            if st.button(plain(fix["label"]), key=f"fix_{key}_{index}", icon=":material/build:"):
                _apply(fix, found)


def _apply(fix: Told, found: Told) -> None:
    if fix.get("sort"):
        sort()
    if fix.get("overrides"):
        correct({**found["overrides"], **fix["overrides"]})
    st.rerun()


def _findings(found: Told) -> None:
    graver = sorted(found["quality"]["findings"], key=lambda finding: _GRAVITY.index(finding["level"]))
    if not graver and not found["layout"]["notes"]:
        st.success("Nothing odd was found in it.", icon=":material/check_circle:")
    for index, finding in enumerate(graver[:_MOST]):
        _finding(finding, found, index)
    if len(graver) > _MOST:
        with st.expander(f"{len(graver) - _MOST} more"):
            for index, finding in enumerate(graver[_MOST:], _MOST):
                _finding(finding, found, index)
    for note in found["layout"]["notes"]:
        st.info(plain(note), icon=":material/help:")
    show_fixes(found["fixes"], found, key="layout")
    if sorting():
        st.info("Rows are taken in order of time.", icon=":material/sort:")


def _finding(finding: Told, found: Told, index: int) -> None:
    text = plain(finding["text"])
    match finding["level"]:
        case "fatal":
            st.error(text, icon=":material/error:")
        case "warning":
            st.warning(text, icon=":material/warning:")
        case _:
            st.info(text, icon=":material/info:")
    fixes = [fix for fix in finding["fixes"] if not (fix.get("sort") and sorting())]
    show_fixes(fixes, found, key=f"finding_{index}")


def _layout(found: Told) -> None:
    with st.expander("What each column was taken for", icon=":material/table_chart:"):
        st.markdown("\n".join(f"- {plain(worded(line))}" for line in found["layout"]["lines"]))
        _preview(found)


def _preview(found: Told) -> None:
    """Show the first rows letter by letter."""
    columns, rows = found["preview"]["columns"], found["preview"]["rows"]
    if not columns:
        st.caption("It holds no table that could be shown.")
        return
    cells = [["" if cell is None else plain(cell) for cell in row] for row in rows[:8]]
    head = "| " + " | ".join(plain(name) or " " for name in columns) + " |"
    body = ["| " + " | ".join(row) + " |" for row in cells]
    with st.container(key="an_preview_box"):
        st.markdown("\n".join([head, "|" + " --- |" * len(columns), *body]))
