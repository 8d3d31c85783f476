from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.alerts import GRADES
from tocsin.core.arrays import NEVER
from tocsin.core.notices import VERSION, Notice, incident_key, rfc3339, schema

SECOND = 10**9
TIMES = st.integers(-(10**17), 4 * 10**18)
NUMBERS = st.floats() | st.just(0.0)
NOTICES = st.builds(
    Notice,
    id=st.text("0123456789abcdef", min_size=12, max_size=12),
    revision=st.integers(0, 1_000),
    kind=st.sampled_from(["open", "update", "close", "held"]),
    what=st.sampled_from(["anomaly", "stale"]),
    duty=st.text(),
    device=st.text(),
    start=TIMES,
    opened=TIMES | st.just(NEVER),
    peak=TIMES,
    end=TIMES,
    open=st.booleans(),
    score=NUMBERS,
    limit=NUMBERS,
    grade=st.sampled_from(GRADES),
    causes=st.lists(st.tuples(st.text(), NUMBERS), max_size=3).map(tuple),
    regime=st.sampled_from(["", "noticed", "adopted"]),
    outside=st.booleans(),
    group=st.text(),
    artifact=st.text(),
)
ONE = Notice(
    "1f", 1, "close", "anomaly", "hall", "pump 1/2", 0, 60 * SECOND, 90 * SECOND, 120 * SECOND, False, 3.0, 2.0,
    "major", (("temp", 0.75), ("flow", 0.25)), group="1f", artifact="a1",
)  # fmt: skip


def test_the_document_is_this_one() -> None:
    assert ONE.document() == {
        "version": 1,
        "id": "1f",
        "revision": 1,
        "kind": "close",
        "what": "anomaly",
        "duty": "hall",
        "device": "pump 1/2",
        "start": "1970-01-01T00:00:00Z",
        "opened": "1970-01-01T00:01:00Z",
        "peak": "1970-01-01T00:01:30Z",
        "end": "1970-01-01T00:02:00Z",
        "open": False,
        "score": 3.0,
        "limit": 2.0,
        "severity": 1.5,
        "grade": "major",
        "causes": [{"channel": "temp", "share": 0.75}, {"channel": "flow", "share": 0.25}],
        "regime": "",
        "outside": False,
        "group": "1f",
        "artifact": "a1",
        "text": "pump 1/2: major anomaly is over, 1.5 times the limit, mainly temp (75 %)",
    }


@given(NOTICES)
def test_every_document_keeps_to_the_schema_and_is_json(notice: Notice) -> None:
    told = json.loads(json.dumps(notice.document(), allow_nan=False))
    jsonschema.validate(told, schema())
    assert told["version"] == VERSION


def test_the_schema_is_one_and_names_every_field() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    document = set(ONE.document())
    assert set(schema()["properties"]) == set(schema()["required"]) == document
    assert {field.name for field in fields(Notice)} <= document
    assert all(known.get("description") for known in schema()["properties"].values())


@pytest.mark.parametrize(
    "wrong", [{"kind": "closed"}, {"start": "2026-01-01 00:00"}, {"revision": -1}, {"severity": "high"}, {"id": ""}]
)
def test_the_schema_refuses_what_is_wrong(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**ONE.document(), **wrong}, schema())


def test_what_json_does_not_know_is_null() -> None:
    told = replace(ONE, limit=0.0, score=float("nan"), opened=NEVER).document()
    assert (told["severity"], told["score"], told["limit"], told["opened"]) == (None, None, 0.0, None)
    assert "times the limit" not in told["text"]


@pytest.mark.parametrize(
    ("kind", "happened", "time"),
    [
        ("open", "opened", "1970-01-01T00:01:00Z"),
        ("update", "updated", "1970-01-01T00:02:00Z"),
        ("close", "closed", "1970-01-01T00:02:00Z"),
    ],
)
def test_a_cloud_event_holds_the_document(kind: Any, happened: str, time: str) -> None:
    notice = replace(ONE, kind=kind)
    assert notice.cloud_event() == {
        "specversion": "1.0",
        "id": "1f-1",
        "source": "/tocsin/hall",
        "type": f"org.tocsin.incident.{happened}",
        "subject": "pump 1/2",
        "time": time,
        "datacontenttype": "application/json",
        "data": notice.document(),
    }


@given(NOTICES)
def test_a_cloud_event_is_one_whatever_the_names(notice: Notice) -> None:
    told = json.loads(json.dumps(notice.cloud_event(), allow_nan=False))
    assert all(told[name] for name in ("id", "source", "type", "specversion", "time"))
    assert told["source"].isascii()
    assert " " not in told["source"]
    assert told.get("subject", "x")


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({"kind": "open", "open": True, "causes": ()}, "pump 1/2: major anomaly opened, 1.5 times the limit"),
        ({"outside": True, "causes": (("temp", 1.0),)}, "beyond its expected range, mainly temp (100 %)"),
        ({"regime": "adopted"}, "mainly temp (75 %), a new level, from now on normal"),
        (
            {"regime": "noticed", "kind": "update"},
            "goes on, 1.5 times the limit, mainly temp (75 %), a new level that lasts",
        ),
        ({"what": "stale", "open": True}, "pump 1/2: silent since 1970-01-01T00:00:00Z"),
        ({"what": "stale", "end": 10**9}, "pump 1/2: was silent from 1970-01-01T00:00:00Z to 1970-01-01T00:00:01Z"),
    ],
)
def test_a_sentence_says_what_matters(changed: dict[str, Any], text: str) -> None:
    assert replace(ONE, **changed).text().endswith(text)


@given(st.integers(-(2**62), 2**62))
def test_times_are_read_back_as_they_were(time: int) -> None:
    import numpy as np

    assert int(np.datetime64(rfc3339(time).removesuffix("Z"), "ns").astype(np.int64)) == time


def test_ids_tell_incidents_apart() -> None:
    ids = {
        incident_key("a", 0), incident_key("b", 0), incident_key("a", 1), incident_key("a", 0, what="stale"),
        incident_key("a", 0, duty="x"), incident_key("a", 0, duty="x", what="stale"),
    }  # fmt: skip
    assert len(ids) == 6
