"""Several artifacts over the same file, side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import streamlit as st

from tocsin.dashboard._problems import plain
from tocsin.dashboard._session import client, may
from tocsin.dashboard.trust._file import Scored
from tocsin.dashboard.trust._judged import show_cautions
from tocsin.dashboard.trust._scoring import score

Told = dict[str, Any]
Version = tuple[str, int]

MOST: Final = 6
_KEPT: Final = "trust_compared"
_BACK_S: Final = 60.0

FIGURES: Final[dict[str, tuple[str, int]]] = {
    "events_caught": ("events told", 0),
    "false_alarms": ("false alarms", 0),
    "false_alarms_per_day": ("false alarms a day", 2),
    "delay_readings": ("median delay, readings", 1),
    "alarm_share": ("share under alarm", 3),
    "f1": ("F1, reading by reading", 3),
    "false_positive_rate": ("false-positive rate", 4),
    "vus_pr": ("VUS-PR, any limit", 3),
    "auc_pr": ("AUC-PR, any limit", 3),
    "roc_auc": ("ROC-AUC, any limit", 3),
}
"""What is compared where there are labels, with the digits that are shown."""


def show_comparison(found: Scored) -> None:
    """Show a choice of artifacts, and what each makes of the file."""
    every = _versions()
    own = (found.summary["artifact"], found.summary["version"])
    if len(every) < 2:
        st.info("There is only one artifact: train another on the page *Analyse a file*, then compare them here.")
        return
    first = [own, *(one for one in every if one != own)][:2]
    chosen = st.multiselect(
        "Artifacts", every, default=first, max_selections=MOST, format_func=lambda one: f"{one[0]}, version {one[1]}"
    )
    kept: dict[str, Told] = st.session_state.setdefault(_KEPT, {})
    lacking = [one for one in chosen if _key(found, one) not in kept]
    if lacking and may("operate"):
        if not st.button("Compare", type="primary"):
            return
        _score_all(found, lacking, kept)
    told = {one: kept[_key(found, one)] for one in chosen if _key(found, one) in kept}
    if told:
        _table(told)


def _versions() -> list[Version]:
    shelves = client().get("/v1/artifacts")["artifacts"]
    return [(shelf["name"], one["version"]) for shelf in shelves for one in shelf["versions"]]


def _key(found: Scored, one: Version) -> str:
    return f"{found.id}_{one[0]}_{one[1]}"


def _score_all(found: Scored, lacking: list[Version], kept: dict[str, Told]) -> None:
    """Score the file with each; at the end it is scored as it was, for the page that shows it."""
    summary = found.summary
    own, sort = (summary["artifact"], summary["version"]), summary["sorted"]
    try:
        for one in lacking:
            with st.spinner(f"Scoring with {one[0]}, version {one[1]} …"):
                made = score(found.id, *one, sort=sort)
                judged = client().get(f"/v1/analyses/{found.id}/evaluation") if made["labelled"] else None
                kept[_key(found, one)] = {"summary": made, "evaluation": judged}
    finally:
        if lacking[-1] != own:
            # nothing is drawn meanwhile: whoever goes to another page ends what draws, and the file would stay as it is
            body = {"artifact": own[0], "version": own[1], "sort": sort}
            client().post(f"/v1/analyses/{found.id}/score", body, params={"wait": _BACK_S})


def _table(told: dict[Version, Told]) -> None:
    for (name, number), one in told.items():
        cautions = one["evaluation"]["cautions"] if one["evaluation"] else []
        if notes := [*one["summary"]["notes"], *cautions]:
            with st.expander(f"Cautions for {name}, version {number}", expanded=True):
                show_cautions(notes)
    heads = [f"{plain(name)}, version {number}" for name, number in told]
    rows = [[title, *map(say, told.values())] for title, say in _rows(labelled=_labelled(told))]
    lines = [["figure", *heads], ["---"] * (len(heads) + 1), *rows]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))
    if not _labelled(told):
        st.caption("The file has no labels: more incidents may mean more faults found, or more false alarms.")
    else:
        st.caption("Which one is better is shown fairly only by readings that none of them has learned from.")


def _labelled(told: dict[Version, Told]) -> bool:
    return all(one["evaluation"] is not None for one in told.values())


def _rows(*, labelled: bool) -> list[tuple[str, Callable[[Told], str]]]:
    """Return the rows of the table: a title, and what it says of one artifact."""

    def figure(name: str, digits: int) -> Callable[[Told], str]:
        return lambda one: _said(one["evaluation"]["metrics"][name], digits)

    plain_rows: list[tuple[str, Callable[[Told], str]]] = [
        ("detector", lambda one: plain(str(one["summary"]["detector"]))),
        ("limit", lambda one: "moves" if one["summary"]["limit"] is None else f"{one['summary']['limit']:.4g}"),
        ("incidents told", lambda one: f"{sum(i['state'] != 'held' for i in one['summary']['incidents']):,}"),
    ]
    named = [(title, figure(name, digits)) for name, (title, digits) in FIGURES.items()] if labelled else []
    return [*plain_rows, *named]


def _said(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
