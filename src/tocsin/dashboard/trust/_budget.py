"""How strict the limit should be: what other limits would have made of this file, and how long a history it takes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from tocsin.dashboard._artifact_words import threshold_in_words
from tocsin.dashboard._plot import plot
from tocsin.dashboard._problems import plain
from tocsin.dashboard._session import client
from tocsin.dashboard.trust._file import Scored
from tocsin.dashboard.trust._judged import show_cautions
from tocsin.dashboard.trust._limits import alt, limits, table

Told = dict[str, Any]


def show_budget(found: Scored) -> None:
    """Show what was promised, what came out, and what other settings would have made of it."""
    st.markdown(
        "Each limit below, with each number of anomalous windows in a row, has rung anew over this very file, with the "
        "alarm policy of the artifact."
    )
    told = _asked(found)
    _promise(told, found)
    show_cautions([*told["notes"], *told["cautions"]])
    plot(limits(told), key=f"limits_{found.key}", alt=alt(told), height=380)
    st.markdown(table(told))
    st.caption(f"✓ keeps within {plain(told['budget'])}, without ringing most of the time.")


def _asked(found: Scored) -> Told:
    budget = st.text_input(
        "How many false alarms can be borne?", placeholder="1 per device per week", key="trust_bearable", width=360
    )
    kept: dict[str, Told] = st.session_state.setdefault("trust_limits", {})
    key = f"{found.key}_{budget.strip()}"
    if key not in kept:
        with st.spinner("Ringing anew with other limits …"):
            params = {"budget": budget.strip() or None}
            kept[key] = client().get(f"/v1/analyses/{found.id}/whatif/settings", params)
    return kept[key]


def _promise(told: Told, found: Scored) -> None:
    """Say in words what was promised, what came out, and whether this file can show it."""
    now, best = told["in_force"], told["best"]
    what = "false alarms" if told["labelled"] else "incidents"
    st.markdown(
        f"- **Promised** when the limit was set: {plain(threshold_in_words(str(found.summary['threshold'])))}\n"
        f"- **Came out** over {plain(told['lasting'])}: {now['false_alarms']} {what}, {_short(now['rate'])} "
        f"{plain(told['unit'])}; 9 times in 10 the true rate is below {_short(told['proven'])}\n"
        f"- **Long enough?** {_long_enough(told)}\n"
        f"- **Suggested**: {_suggested(now, best, told)}"
    )


def _long_enough(told: Told) -> str:
    if told["needed"] <= 1:
        return f"Yes: a file of this length can show that {plain(told['budget'])} is kept"
    return f"No: to show that {plain(told['budget'])} is kept takes {_short(told['needed'])} times as much"


def _suggested(now: Told, best: Told | None, told: Told) -> str:
    if best is None:
        return f"none of these settings keeps within {plain(told['budget'])}"
    if best == now:
        return "none of the others would have served better"
    limit = f"{best['times']:.3g} times the limit in force"
    rate = f"{_short(best['rate'])} {plain(told['unit'])}"
    caught = "" if best["caught"] is None else f", {best['caught']} of {best['events']} events told"
    return f"{limit}, {best['wait']} in a row: {rate}{caught}"


def _short(value: float) -> str:
    return f"{value:.2g}" if value < 99.5 else f"{value:,.0f}"
