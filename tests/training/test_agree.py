"""A limit and a policy that go together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tocsin.alerting.intent import Intent
from tocsin.alerting.policy import Policy
from tocsin.core.contracts import Found
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference
from tocsin.thresholds._constant import ConstantLimit
from tocsin.thresholds.budget import Budget
from tocsin.thresholds.percentile import Percentile
from tocsin.training.agree import agreed, agreement

RESTING = Found(ConstantLimit(1.0), raise_after=2)


def test_an_incident_of_scores_that_rest_just_below_their_limit_ends_and_that_is_told() -> None:
    policy, (warning,) = agreed(Policy(1), RESTING, np.full(50, 0.95))
    assert policy == Policy(1, raise_after=2, release_below=1.0)
    assert warning.startswith("Half of the normal scores lie above 0.9 × limit")
    assert agreed(Policy(1), RESTING, np.full(50, 0.5)) == (Policy(1, raise_after=2), ())
    assert agreed(Policy(1), Found(ConstantLimit(1.0)), np.zeros(0)) == (Policy(1), ())


def test_a_release_that_was_asked_for_stays_and_is_warned_of() -> None:
    policy, (warning,) = agreed(Policy(1, release_below=0.5), RESTING, np.full(50, 0.7))
    assert policy.release_below == 0.5
    assert "--release-below 1" in warning


@pytest.mark.parametrize("threshold", [Budget("1 per 1000 readings"), Percentile(99)])
def test_the_limit_is_found_for_the_policy_that_is_sealed(threshold: Budget | Percentile) -> None:
    """A budget counts the incidents of the policy as it is in the end, not as it was before."""
    score, asked = 0.97 + 0.01 * np.random.default_rng(0).random(4000), list[Policy]()

    def seek(policy: Policy) -> Reference:
        asked.append(policy)
        return replace(Reference.of(score), raise_after=policy.raise_after)

    fitting, found, reference = agreement(threshold, Policy(1), seek)
    assert [policy.release_below for policy in asked] == [0.9, 1.0]
    assert fitting.release_below == 1.0
    assert len(reference) == 4000
    assert sum("level of release" in text for text in found.said) == 1


def test_an_alarm_that_can_never_ring_is_refused() -> None:
    mute = tuple(Intent(channel=channel, mute=True) for channel in (0, 1))
    with pytest.raises(SettingError, match="All channels are mute"):
        agreement(Percentile(99), Policy(2, intents=mute), lambda _: Reference.of(np.arange(99.0)))
    agreement(Percentile(99), Policy(2, intents=mute[:1]), lambda _: Reference.of(np.arange(99.0)))
