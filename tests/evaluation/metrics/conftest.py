"""The package whose rules published tables follow: metrics of ours are held to it where it is installed."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class Reference:
    """What is used of tsb-ad: its metrics, its affiliation, and its rule for the period."""

    metrics: Any
    affiliation: Any
    events: Any
    period: Any


@pytest.fixture(scope="session")
def tsb_ad() -> Reference:
    """The evaluation part of the package tsb-ad, or a skip."""
    why = "tsb-ad is not installed: pip install --no-deps tsb-ad==1.5 statsmodels patsy"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its docstrings hold escapes that Python warns of when it compiles them
        part = "TSB_AD.evaluation.affiliation"
        return Reference(
            metrics=pytest.importorskip("TSB_AD.evaluation.basic_metrics", reason=why).basic_metricor(),
            affiliation=pytest.importorskip(f"{part}.metrics", reason=why).pr_from_events,
            events=pytest.importorskip(f"{part}.generics", reason=why).convert_vector_to_events,
            period=pytest.importorskip("TSB_AD.utils.slidingWindows", reason=why).find_length_rank,
        )
