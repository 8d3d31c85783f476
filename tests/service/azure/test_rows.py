"""Verdicts as rows: Azure's fields, and what they mean here."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.scored import Scored
from tocsin.service.azure.rows import rows_of
from tocsin.sources import open_table

NAN = math.nan


def rows(most: int = 10, relations: tuple[tuple[float, ...], ...] = ()) -> list[dict[str, Any]]:
    """Return the rows of five verdicts: warming, normal, anomalous, unattributed, gap."""
    table = open_table(
        pl.DataFrame(
            {"t": [f"2026-03-01T08:0{k}:00" for k in range(5)], "a": [1.0, 2, 3, 4, 5], "b": [5.0, 4, 3, 2, 1]}
        )
    )
    verdicts = Verdicts(
        device=np.zeros(5, np.int64),
        time=table.readings.time,
        score=np.array([NAN, 1.0, 6.0, 6.0, NAN]),
        limit=np.array([NAN, 2.0, 2.0, 2.0, NAN]),
        status=np.array([Status.warming, Status.ok, Status.ok, Status.ok, Status.gap], np.uint8),
        by_channel=np.array([[NAN] * 2, [1, 0], [1.5, 4.5], [NAN] * 2, [NAN] * 2], np.float32),
        incident=np.full(5, -1),
        row=np.arange(5),
        expected=np.zeros((5, 0), np.float32),
    )
    scored = replace(Scored(table, verdicts, verdicts, ()), relations=relations)
    return list(rows_of(scored, np.arange(5), window=60, most=most))


def test_field_for_field() -> None:
    assert rows()[1:3] == [
        {
            "timestamp": "2026-03-01T08:01:00Z",
            "value": {"isAnomaly": False, "severity": 0.0, "score": 1 / 3, "interpretation": []},
            "errors": [],
        },
        {
            "timestamp": "2026-03-01T08:02:00Z",
            "value": {
                "isAnomaly": True,
                "severity": 0.5,
                "score": 0.75,
                "interpretation": [
                    {"variable": "b", "contributionScore": 0.75, "correlationChanges": {"changedVariables": []}},
                    {"variable": "a", "contributionScore": 0.25, "correlationChanges": {"changedVariables": []}},
                ],
            },
            "errors": [],
        },
    ]


def test_what_has_no_score_says_why() -> None:
    first, *_, last = rows()
    assert "value" not in first
    assert [own["errors"][0]["code"] for own in (first, last)] == ["InsufficientHistoricalData"] * 2
    assert "too few readings" in first["errors"][0]["message"]
    assert "missing for too long" in last["errors"][0]["message"]
    assert "holds 60" in first["errors"][0]["message"]


def test_only_so_many_causes_and_none_where_nobody_knows() -> None:
    found = rows(most=1)
    assert [cause["variable"] for cause in found[2]["value"]["interpretation"]] == ["b"]
    assert found[3]["value"]["isAnomaly"]
    assert found[3]["value"]["interpretation"] == []


def test_whom_a_variable_no_longer_follows() -> None:
    causes = rows(relations=((0.0, 1.0), (0.0, 0.0)))[2]["value"]["interpretation"]
    assert {own["variable"]: own["correlationChanges"]["changedVariables"] for own in causes} == {"a": ["b"], "b": []}
