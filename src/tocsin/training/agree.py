"""A limit and a policy that go together: what the threshold has a say in, and a release that normal scores reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tocsin.alerting.policy import Policy
from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Found, Threshold
from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference

_RESTLESS = "Half of the normal scores lie above {share:g} × limit, the level of release"


def agreement(
    threshold: Threshold, policy: Policy, seek: Callable[[Policy], Reference]
) -> tuple[Policy, Found, Reference]:
    """Find limits, and the policy that goes with them.

    Parameters
    ----------
    threshold
        The rule for the limit.
    policy
        As it was asked for.
    seek
        From a policy to the reference, which tells when that policy would ring.

    Returns
    -------
    The policy, what the threshold found for it, and the reference that it was found from.

    Raises
    ------
    SettingError
        If all channels are mute: a limit for an alarm that never rings is none.
    """
    if policy.tables.mute[0].all():
        raise SettingError("All channels are mute, so that nothing would ever ring.", remedy="Leave one that may.")
    reference = seek(policy)
    found = threshold.fit(reference)
    fitting, told = agreed(policy, found, reference.normal.score)
    if fitting.release_below == policy.release_below:
        return fitting, replace(found, warnings=(*found.warnings, *told)), reference
    reference = seek(replace(policy, release_below=fitting.release_below))
    found = threshold.fit(reference)
    fitting, _ = agreed(fitting, found, reference.normal.score)
    return fitting, replace(found, said=(*found.said, *told)), reference


def agreed(policy: Policy, found: Found, scores: FloatArray) -> tuple[Policy, tuple[str, ...]]:
    """Return the policy with the windows in a row that a threshold found, and with a release that is reached.

    Where half of the normal scores lie above the level of release, as constant scores just below their limit do, an
    incident would hardly ever end. Then it ends at the limit, unless another share than the usual one was asked for.

    Parameters
    ----------
    policy
        As it was asked for.
    found
        What the threshold found.
    scores
        ndarray of shape (n,), float64: those of normal windows.

    Returns
    -------
    The policy, and what to know of its release; nothing where normal scores reach it.
    """
    if found.raise_after is not None:
        policy = replace(policy, raise_after=found.raise_after)
    limit, share = getattr(found.limits, "limit", None), policy.release_below
    if limit is None or not len(scores) or share == 1 or np.median(scores) <= share * limit:
        return policy, ()
    told = _RESTLESS.format(share=share)
    if share != Policy.release_below:
        return policy, (f"{told}: incidents would hardly end. Ask for a larger share: --release-below 1",)
    return replace(policy, release_below=1.0), (f"{told}: incidents end at the limit itself instead.",)
