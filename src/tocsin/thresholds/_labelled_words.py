"""What a limit that is tuned on labelled events says of itself."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tocsin.core.reference import Reference
from tocsin.thresholds._budget_words import normal_span
from tocsin.thresholds._labelled_events import Events, Outcome
from tocsin.thresholds._poisson import solve

FEW = 5
"""Events below which the limit is called a matter of luck."""

_CONFIDENCE = 0.9


@dataclass(frozen=True)
class Checked:
    """A limit chosen on what came earlier, and what it makes of what came later.

    Parameters
    ----------
    chosen, later
        The two outcomes.
    windows
        Normal windows among those that came later.
    """

    chosen: Outcome
    later: Outcome
    windows: int


def said(best: Outcome, checked: Checked | None, reference: Reference, beta: float) -> tuple[str, ...]:
    """Return the evidence: first what a check on later events showed, then what the limit does on all."""
    whole = (
        f"On all of them, limit {best.limit:.4g} catches {best.caught} of {_events(best.events)} with "
        f"{_false(best)} (event-wise F{beta:g})."
    )
    if checked is None:
        return (whole.replace("On all of them, limit", "Limit"),)
    later, before = checked.later, checked.chosen
    low, high = (f"{100 * share:.0f}" for share in share_between(later.caught, later.events))
    return (
        f"Limit {before.limit:.4g} chosen on {_events(before.events, 'earlier ')}, caught {later.caught} of the "
        f"{later.events} later one{'' if later.events == 1 else 's'} with {_false(later)} in "
        f"{normal_span(checked.windows, reference)}; so it would catch {low} to {high} % of such events "
        f"({100 * _CONFIDENCE:g} % at each end).",
        whole,
    )


def warnings(best: Outcome, events: Events, raise_after: int) -> tuple[str, ...]:
    """Return what to know before trusting the limit."""
    found = []
    if len(events) == 1:
        found.append("There is only one labelled event, so that nothing is left to check the limit on. Label more.")
    elif len(events) < FEW:
        found.append(f"Only {len(events)} labelled events stand behind the limit, which is luck in part. Label more.")
    if short := int((events.windows < raise_after).sum()):
        found.append(
            f"{_events(short)} of {len(events)} can hardly ring: shorter than the {raise_after} windows in a row that "
            "the alarm waits for. Ring sooner with --raise-after, or leave them."
        )
    if best.false_alarms > best.caught:
        found.append(
            f"The scores do not tell these events from normal readings: the best limit catches {best.caught} of them "
            f"with {_false(best)}. Try another detector, or look at the labels."
        )
    return tuple(found)


def share_between(count: int, whole: int) -> tuple[float, float]:
    """Return between which shares the true one lies, each end with 90 % confidence (Clopper and Pearson 1934).

    >>> [round(share, 3) for share in share_between(2, 2)]
    [0.316, 1.0]
    """
    low = solve(lambda share: _at_most(count - 1, whole, share) > _CONFIDENCE, top=1.0) if count else 0.0
    high = solve(lambda share: _at_most(count, whole, share) > 1 - _CONFIDENCE, top=1.0) if count < whole else 1.0
    return low, high


def _at_most(count: int, whole: int, share: float) -> float:
    """Return the chance of ``count`` or fewer out of ``whole``."""
    if not 0 < share < 1:
        return float(share <= 0 or count >= whole)
    k = np.arange(1, count + 1)
    # in logarithms, because thousands of events have more combinations than a float can hold
    logs = np.cumsum(np.log((whole - k + 1) / k) + math.log(share / (1 - share))) + whole * math.log1p(-share)
    return float(min((1 - share) ** whole + np.exp(logs).sum(), 1.0)) if count >= 0 else 0.0


def _events(count: int, which: str = "") -> str:
    return f"{count} {which}event{'' if count == 1 else 's'}"


def _false(outcome: Outcome) -> str:
    return f"{outcome.false_alarms or 'no'} false alarm{'' if outcome.false_alarms == 1 else 's'}"
