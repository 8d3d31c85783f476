"""Probation: what speaks against an artifact, and what chance alone may bring."""

from __future__ import annotations

import numpy as np
import pytest

from tocsin.cascade.observed import Observed
from tocsin.cascade.probation import CHANCE, FEW, Conduct, complaint

BEFORE = Conduct(5_000, 5_000, 10, 0, 0.0002)


def said(now: Conduct, *, before: Conduct = BEFORE, promised: float | None = 0.005, window: int = 10) -> str:
    return complaint(now, before, promised=promised, window=window)


def test_nothing_speaks_against_what_does_as_promised() -> None:
    assert said(Conduct(2_000, 1_990, 10, 0, 0.0002)) == ""


def test_everything_flagged_is_seen_as_soon_as_enough_is_known() -> None:
    few = 10 * FEW
    assert said(Conduct(few - 10, few - 10, few - 10)) == ""
    assert "100 % of the readings are flagged" in said(Conduct(few, few, few))


def test_chance_alone_is_hardly_ever_blamed() -> None:
    rng = np.random.default_rng(0)
    blamed = sum(bool(said(Conduct(500, 500, int(k)), window=1)) for k in rng.binomial(500, 0.015, 20_000))
    assert blamed / 20_000 <= 5 * CHANCE


def test_the_bound_is_chernoffs() -> None:
    # 400 independent readings, 3 x 0.5 % allowed: exp(-400 KL(k/400, 0.015)) passes 1e-4 between 19 and 20
    assert said(Conduct(400, 400, 19), window=1) == ""
    assert said(Conduct(400, 400, 20), window=1)


def test_a_plant_that_rang_before_may_ring_as_much_again() -> None:
    assert said(Conduct(2_000, 2_000, 400), before=Conduct(5_000, 5_000, 1_000)) == ""
    assert said(Conduct(2_000, 2_000, 1_900), before=Conduct(5_000, 5_000, 1_000))


def test_readings_without_a_score_are_told() -> None:
    assert "get no score" in said(Conduct(2_000, 1_000, 0, 1_000))
    assert said(Conduct(200, 0, 0, 0)) == ""
    assert "None of 200 readings" in complaint(Conduct(200), BEFORE, promised=None, window=10, over=True)


def test_devices_that_fall_silent_speak_against_no_artifact() -> None:
    statuses = {"warming": 50, "ok": 1_000, "gap": 5, "stale": 700}
    assert Conduct.of(Observed("rooms", "0a1b", statuses=statuses, anomalous=2)) == Conduct(1_055, 1_000, 2, 5)


def test_a_slow_artifact_is_told() -> None:
    assert "takes 40 ms" in said(Conduct(2_000, 2_000, 4, 0, 0.04))
    assert said(Conduct(2_000, 2_000, 4, 0, 0.019)) == ""


def test_a_promise_to_flag_everything_is_none() -> None:
    assert said(Conduct(2_000, 2_000, 2_000), promised=1.0)


@pytest.mark.parametrize("promised", [None, 0.0, 0.02])
def test_without_a_promise_half_a_per_cent_is_borne(promised: float | None) -> None:
    assert said(Conduct(2_000, 2_000, 20), before=Conduct(), promised=promised) == ""
