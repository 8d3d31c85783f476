"""Proposals are a function of what was tried: that is what makes a search resumable."""

from __future__ import annotations

from itertools import product

import pytest

from tocsin.training.tune._proposals import TOGETHER, batch
from tocsin.training.tune.axis import Axis
from tocsin.training.tune.plan import Plan
from tocsin.training.tune.space import Space
from tocsin.training.tune.tuning import Tried

GRID = Space((Axis("trees", ("50", "100")), Axis("max_samples", ("32", "64", "128"))))
WIDE = Space((Axis("rate", ends=(1e-4, 1e-1)), Axis("units", ends=(4, 64), whole=True), Axis("cell", ("lstm", "gru"))))


def tried_in(space: Space, plan: Plan, batches: int) -> list[Tried]:
    """Return what some batches reach where the best rate is .01."""
    found: list[Tried] = []
    for first in range(1, batches * TOGETHER, TOGETHER):
        for place, point in enumerate(batch(space, found, first=first, plan=plan), first):
            value = 1 - abs(float(dict(point).get("rate", "0")) - 0.01)
            found.append(Tried(place, point, value, {}, 0.1))
    return found


@pytest.mark.parametrize("seed", [0, 7])
def test_a_grid_is_walked_once_and_whole(seed: int) -> None:
    found = tried_in(GRID, Plan(sampler="grid", seed=seed), batches=2)
    assert len(found) == 6
    assert {one.point for one in found} == {
        (("trees", trees), ("max_samples", samples)) for trees, samples in product(("50", "100"), ("32", "64", "128"))
    }


def test_the_same_past_gives_the_same_proposals() -> None:
    past = tried_in(WIDE, Plan(), batches=3)
    assert batch(WIDE, past, first=13, plan=Plan()) == batch(WIDE, past, first=13, plan=Plan())
    assert past == tried_in(WIDE, Plan(), batches=3)
    assert past != tried_in(WIDE, Plan(seed=1), batches=3)


def test_proposals_lie_in_the_space() -> None:
    for one in tried_in(WIDE, Plan(), batches=5):
        assert WIDE.holds(one.point)
        assert dict(one.point)["units"].isdigit()


def test_proposals_follow_what_was_good() -> None:
    found = tried_in(WIDE, Plan(), batches=12)
    late = [float(dict(one.point)["rate"]) for one in found[-12:]]
    assert sorted(late)[3] > 1e-3  # drawn evenly by factors, a third would lie below
    assert sum(rate < 0.05 for rate in late) >= 10


def test_what_lies_outside_of_the_space_is_not_held_against_it() -> None:
    outside = Tried(0, (("rate", "5"), ("units", "1000"), ("cell", "rnn")), 0.9, {}, 0.1)
    assert len(batch(WIDE, [outside], first=1, plan=Plan())) == TOGETHER
