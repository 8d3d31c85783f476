from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.notices import Notice
from tocsin.store._documents import finite, plain, read, written
from tocsin.testing._store_toys import notice

PASS = ("utf-16", "surrogatepass")
NAMES = st.text(st.characters(codec=None), max_size=8).map(lambda name: name.encode(*PASS).decode(*PASS))
"""With halves of characters, but for two halves that make a whole."""
NUMBERS = st.floats(allow_nan=False)
NS = st.integers(-(2**63), 2**63 - 1)


NOTICES = st.builds(
    Notice,
    id=NAMES,
    revision=st.integers(0, 99),
    kind=st.sampled_from(["open", "update", "close", "held"]),
    what=st.sampled_from(["anomaly", "stale"]),
    **dict.fromkeys(("duty", "device", "grade", "group", "artifact"), NAMES),
    **dict.fromkeys(("start", "opened", "peak", "end"), NS),
    **dict.fromkeys(("open", "outside"), st.booleans()),
    **dict.fromkeys(("score", "limit"), NUMBERS),
    causes=st.lists(st.tuples(NAMES, NUMBERS), max_size=3).map(tuple),
    regime=st.sampled_from(["", "noticed", "adopted"]),
)


@given(NOTICES)
def test_a_notice_comes_back_to_the_bit(notice: Notice) -> None:
    document = written(notice)
    document.encode("ascii")
    json.loads(document, parse_constant=refuse)
    assert read(document) == notice


def refuse(name: str) -> None:
    raise AssertionError(f"{name} is no JSON")


def test_numbers_of_arrays_come_back_as_plain_ones() -> None:
    start, score, limit = np.int64(7), np.float64(2.5), np.float64("nan")
    odd = replace(notice(), start=start, open=np.bool_(True), score=score, limit=limit)  # type: ignore[arg-type]  # careless
    back = read(written(odd))
    assert (type(back.start), type(back.open), type(back.score)) == (int, bool, float)
    assert math.isnan(back.limit)
    assert finite(back.limit) is None


@given(NAMES)
def test_a_plain_name_can_be_stored_and_stays(name: str) -> None:
    once = plain(name)
    once.encode("utf-8")
    assert "\x00" not in once
    assert plain(once) == once
    if name.isascii() and "\x00" not in name:
        assert once == name
