"""The conformance checks must bite: each planted defect is found by the check that is named for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal
from unittest import SkipTest

import numpy as np
import pytest

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._settings import enough
from tocsin.graph.network import Network
from tocsin.graph.shares import mean_squared_error
from tocsin.testing._toy import toy
from tocsin.testing.detector_checks import detector_checks

Defect = Literal[
    "none",
    "upside down",
    "company",
    "sum",
    "explodes",
    "overflows",
    "writes",
    "chance",
    "shares",
    "empty",
    "labels",
    "expects elsewhere",
    "expects what others do",
    "expects anything",
]


@dataclass(frozen=True, kw_only=True)
class _Distance(Detector):
    """Distance of the last reading from the mean of normal ones, in deviations; with a defect planted."""

    default_window: ClassVar[int] = 4
    default_scale: ClassVar[str] = "none"
    defect: ClassVar[Defect] = "none"

    exponent: int = 2
    seen: list[int] = field(default_factory=list)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        del seed
        if self.defect != "empty":
            enough(windows)
        if self.defect == "writes":
            self.seen.append(len(windows))
        rows = windows.rows().astype(np.float64) if len(windows) else np.zeros((1, windows.channels))
        network = Network(window=windows.length, channels=windows.channels)
        error = self._error(network, rows)
        score, shares = mean_squared_error(network, error, network.constant(np.zeros(windows.channels)), steps=1)
        if self.defect == "shares":
            shares = network.op("Mul", shares, network.constant(2))
        if self.defect == "upside down":
            score = network.op("Neg", score)
        if self.defect == "company":
            score = network.op("Sub", score, network.op("ReduceMax", score, attributes={"keepdims": 0}))
        if self.defect == "sum":
            score = network.op("ReduceSum", shares, network.integers([1]), attributes={"keepdims": 0})
        if self.defect in ("upside down", "company"):
            return network.seal(score)
        return network.seal(score, shares, expected=self._expected(network, error, rows))

    def _expected(self, network: Network, error: str, rows: np.typing.NDArray[np.float64]) -> str:
        """Add the mean of normal readings, for every window."""
        usual = network.op("Mul", error, network.constant(0))
        if self.defect == "expects elsewhere":
            return usual
        if self.defect == "expects what others do":
            usual = network.op("ReduceMax", error, network.integers([0]), attributes={"keepdims": 1})
            usual = network.op("Add", network.op("Mul", error, network.constant(0)), usual)
        if self.defect == "expects anything":
            usual = network.op("Log", usual)
        return network.op("Add", usual, network.constant(rows.mean(axis=0)))

    def _error(self, network: Network, rows: np.typing.NDArray[np.float64]) -> str:
        if self.defect == "chance":
            rows = rows[np.random.default_rng().permutation(len(rows))[:5]]
        last = network.op("Gather", network.input, network.integers(network.window - 1), attributes={"axis": 1})
        floor = 0.0 if self.defect == "explodes" else 1e-3
        with np.errstate(divide="ignore"):
            factor = 1 / np.maximum(rows.std(axis=0), floor)
        away = network.op("Mul", network.op("Sub", last, network.constant(rows.mean(axis=0))), network.constant(factor))
        if self.defect == "overflows":
            return away
        return network.op("Clip", away, network.constant(-1e15), network.constant(1e15))


def _with(defect: Defect, *, expected: Mapping[str, str] | None = None) -> type[_Distance]:
    return type(
        "Planted",
        (_Distance,),
        {
            "defect": defect,
            "expected_failures": expected or {},
            "needs_labels": defect == "labels",
            "__doc__": _Distance.__doc__,
        },
    )


def _broken(kind: type[Detector]) -> set[str]:
    broken = set()
    for check in detector_checks(kind):
        try:
            check()
        except AssertionError:
            broken.add(check.name)
    return broken


def test_sound_detector_passes_every_check() -> None:
    assert _broken(_with("none")) == set()


@pytest.mark.parametrize(
    ("defect", "check"),
    [
        ("upside down", "higher_is_stranger"),
        ("company", "batch_does_not_matter"),
        ("company", "any_slicing_is_the_same"),
        ("company", "devices_stay_apart"),
        ("company", "the_future_does_not_matter"),
        ("sum", "graph_lint_clean"),
        ("explodes", "constant_channel"),
        ("overflows", "extremes_stay_finite"),
        ("writes", "settings_only_stored"),
        ("chance", "same_seed_same_scores"),
        ("shares", "shares_sum_to_score"),
        ("empty", "nothing_to_learn_from"),
        ("labels", "labels_are_asked_for"),
        ("expects elsewhere", "expected_near_normal_readings"),
        ("expects what others do", "batch_does_not_matter"),
        ("expects what others do", "any_slicing_is_the_same"),
        ("expects anything", "extremes_stay_finite"),
    ],
)
def test_planted_defect_is_found(defect: Defect, check: str) -> None:
    found = {each.name: each for each in detector_checks(_with(defect))}
    with pytest.raises(AssertionError):
        found[check]()


def test_expected_failure_is_skipped_with_its_reason() -> None:
    kind = _with("upside down", expected={"higher_is_stranger": "it counts down"})
    [check] = [check for check in detector_checks(kind) if check.name == "higher_is_stranger"]
    with pytest.raises(SkipTest, match="it counts down"):
        check()


def test_expected_failure_that_passes_is_an_error() -> None:
    kind = _with("none", expected={"higher_is_stranger": "it counts down"})
    [check] = [check for check in detector_checks(kind) if check.name == "higher_is_stranger"]
    with pytest.raises(AssertionError, match="take it out"):
        check()


def test_expected_failure_of_an_unknown_check_is_refused() -> None:
    with pytest.raises(ValueError, match="no_such_check"):
        detector_checks(_with("none", expected={"no_such_check": "because"}))


def test_checks_say_what_they_promise_and_are_named_after_the_detector() -> None:
    checks = detector_checks("rolling_zscore")
    assert "rolling_zscore:one_signature" in [check.id for check in checks]
    assert all(check.promise.endswith(".") for check in checks)


def test_who_asks_for_labels_is_shown_anomalies_and_nobody_else_is() -> None:
    plain, teaching = toy(4), toy(4, teaches=True)
    assert teaching.learned.labels is not None
    last = teaching.learned.take(slice(None))[:, -1] - plain.learned.take(slice(None))[:, -1]
    np.testing.assert_array_equal((np.abs(last) > 0.5).any(axis=1), teaching.learned.labels)
    np.testing.assert_array_equal(plain.normal, teaching.normal)
    assert teaching.learned.labels.sum() == 30
