"""How good scores and alarms are against the labels; never a figure without its cautions."""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

from tocsin.dashboard._plot import plot
from tocsin.dashboard._problems import plain
from tocsin.dashboard._session import client
from tocsin.dashboard.trust._curves import delays, precision_recall, roc
from tocsin.dashboard.trust._file import Scored

Told = dict[str, Any]

FLATTERING: Final = "Flattering"
"""The group of figures that is folded away."""


def show_judgement(found: Scored) -> None:
    """Show figures, what they mean, curves and cautions."""
    if not found.summary["labelled"]:
        _unlabelled()
        return
    told = _asked(found)
    _headline(told["metrics"])
    show_cautions([*found.summary["notes"], *told["cautions"]])
    columns = st.columns(2, gap="medium")
    plain_groups = [group for group in told["groups"] if group["title"] != FLATTERING]
    for nth, group in enumerate(plain_groups):
        with columns[nth % 2]:
            _group(group)
    _pictures(told, found)
    for group in told["groups"]:
        if group["title"] == FLATTERING:
            with st.expander("Figures that flatter"):
                _group(group)


def show_cautions(cautions: list[str]) -> None:
    """Show what one must know before believing any figure."""
    if cautions:
        lines = "\n".join(f"- {plain(text)}" for text in cautions)
        st.warning(f"**Before you believe these figures:**\n\n{lines}", icon=":material/warning:")


def _unlabelled() -> None:
    st.info(
        "Nobody has marked in this file what was wrong, so nobody can say how good the alarms are. Mark the bad "
        "readings in a column of their own (1 where something was wrong), or name that column on the page "
        "*Analyse a file*. What would be missed can be asked without labels: *Which faults would I miss?*"
    )


def _asked(found: Scored) -> Told:
    """Return the evaluation, asked for once a file, with intervals where somebody wants them."""
    wanted = st.toggle(
        "With 95 % intervals", key="trust_intervals", help="How far chance alone could have moved each figure"
    )
    kept: dict[str, Told] = st.session_state.setdefault("trust_judged", {})
    key = f"{found.key}_{wanted}"
    if key not in kept:
        with st.spinner("Judging against the labels …"):
            kept[key] = client().get(f"/v1/analyses/{found.id}/evaluation", {"intervals": wanted})
    return kept[key]


def headline(metrics: Told) -> str:
    """Return what counts most, in one sentence.

    >>> headline({"events_caught": 7, "events": 8, "false_alarms": 2, "false_alarms_per_day": 0.11})
    '7 of 8 labelled events were told, and 2 alarms touch nothing labelled: 0.11 a day.'
    """
    if metrics["events_caught"] is None:
        return "Nothing was told, since there is no limit."
    rate = metrics["false_alarms_per_day"]
    often = "" if rate is None else f": {rate:.2g} a day"
    false = "1 alarm touches" if metrics["false_alarms"] == 1 else f"{metrics['false_alarms']} alarms touch"
    were = "was" if metrics["events_caught"] == 1 else "were"
    told = f"{metrics['events_caught']} of {metrics['events']} labelled events {were} told"
    return f"{told}, and {false} nothing labelled{often}."


def _headline(metrics: Told) -> None:
    st.header(headline(metrics))


def _group(group: Told) -> None:
    st.markdown(f"### {group['title']}")
    st.caption(plain(group["remark"]))
    some = any(line["interval"] for line in group["lines"])
    heads = ["figure", "value", *(["95 % interval"] if some else []), "what it says"]
    rows = [
        [line["title"], f"**{line['value']}**", *([line["interval"]] if some else []), plain(line["meaning"])]
        for line in group["lines"]
    ]
    lines = [heads, ["---"] * len(heads), *rows]
    st.markdown("\n".join(f"| {' | '.join(line)} |" for line in lines))


def _pictures(told: Told, found: Scored) -> None:
    """Draw the curves over all limits, and how late alarms rang."""
    st.markdown("### Curves over all limits")
    left, right = st.columns(2, gap="medium")
    with left:
        figure, alt = precision_recall(told)
        plot(figure, key=f"pr_{found.key}", alt=alt, height=340)
    with right:
        figure, alt = roc(told)
        plot(figure, key=f"roc_{found.key}", alt=alt, height=340)
    if told["delays"]["readings"]:
        st.markdown("### How late alarms rang")
        figure, alt = delays(told)
        plot(figure, key=f"delays_{found.key}", alt=alt, height=220)
