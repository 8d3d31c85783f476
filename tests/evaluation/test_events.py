from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.arrays import BoolArray
from tocsin.evaluation.events import EventRecall, event_recall


def bools(text: str) -> BoolArray:
    return np.array([mark == "x" for mark in text], dtype=bool)


def test_events_by_hand() -> None:
    kind = ["spike", "spike", "", "spike", "drift", "drift", "", "drift"]
    size = np.array([0.5, 0.5, np.nan, 3.0, 1.5, 1.5, np.nan, 9.0])
    found = event_recall(bools("xx.xxx.x"), bools(".x....x."), scored=bools("xxxxxxx."), kind=kind, size=size)
    assert found == (
        EventRecall("drift", "1–2 σ", events=1, caught=0),
        EventRecall("drift", "≥ 4 σ", events=0, caught=0, left_out=1),
        EventRecall("spike", "< 1 σ", events=1, caught=1),
        EventRecall("spike", "2–4 σ", events=1, caught=0),
    )
    assert [row.recall for row in found] == [0.0, None, 1.0, 0.0]


def test_a_flag_right_after_an_event_does_not_catch_it() -> None:
    (row,) = event_recall(bools("x.."), bools(".x."), scored=bools("xxx"), kind=["drop", "", ""])
    assert (row.band, row.events, row.caught) == ("", 1, 0)


def test_an_unscored_flag_catches_nothing() -> None:
    (row,) = event_recall(bools("xx"), bools("x."), scored=bools(".x"), kind=["drop", "drop"])
    assert (row.events, row.caught) == (1, 0)


def test_neighbouring_events_of_another_size_are_counted_apart() -> None:
    size = np.array([1.2, 1.2, 1.8, -1.8])
    (row,) = event_recall(bools("xxxx"), bools("x..."), scored=bools("xxxx"), kind=["drop"] * 4, size=size)
    assert (row.events, row.caught) == (2, 1)


def test_events_of_interleaved_devices_are_counted_apart() -> None:
    device = np.array([0, 1, 0, 1])
    (row,) = event_recall(bools("xxxx"), bools("..x."), scored=bools("xxxx"), kind=[""] * 4, device=device)
    assert (row.kind, row.events, row.caught) == ("", 2, 1)


def test_no_rows_no_events() -> None:
    assert event_recall(bools(""), bools(""), scored=bools(""), kind=[]) == ()


def test_a_kind_without_a_label_is_no_event() -> None:
    assert event_recall(bools(".."), bools("xx"), scored=bools("xx"), kind=["spike", "spike"]) == ()


kinds = st.sampled_from(["", "drop", "spike"])
rows = st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans(), kinds), max_size=50)


@given(rows)
def test_agrees_with_a_plain_loop(table: list[tuple[bool, bool, bool, str]]) -> None:
    events: list[tuple[str, list[int]]] = []
    for k, (label, _, _, kind) in enumerate(table):
        if label and events and events[-1][1][-1] == k - 1 and events[-1][0] == kind:
            events[-1][1].append(k)
        elif label:
            events.append((kind, [k]))
    expected: dict[str, list[int]] = {}
    for kind, members in events:
        counts = expected.setdefault(kind, [0, 0, 0])
        scored = [k for k in members if table[k][2]]
        counts[0] += bool(scored)
        counts[1] += any(table[k][1] for k in scored)
        counts[2] += not scored
    labels, flags, scored_rows = (np.array([row[k] for row in table], dtype=bool) for k in range(3))
    found = event_recall(labels, flags, scored=scored_rows, kind=[row[3] for row in table])
    assert {row.kind: [row.events, row.caught, row.left_out] for row in found} == expected


def test_bands_follow_the_edges_given() -> None:
    size = np.array([1.0, 2.0, 3.0])
    found = event_recall(
        bools("xxx"), bools("xxx"), scored=bools("xxx"), kind=["a", "a", "a"], size=size, edges=(2.0, 3.0)
    )
    assert [row.band for row in found] == ["< 2 σ", "2–3 σ", "≥ 3 σ"]
    assert [row.recall for row in found] == [pytest.approx(1.0)] * 3
