"""What a search found: everything tried, the best of it, and whether it paid on readings that it was not chosen on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tocsin.evaluation.scoreboard import Row
from tocsin.training.lab.sensitivity import Point
from tocsin.training.recipe import Recipe
from tocsin.training.tune.space import Space

TUNED, UNTUNED = "tuned", "untuned"
"""Names of the two contenders in the last comparison."""

MARGIN = 0.01
"""A gain in the metric that is smaller than this is not worth a setting of one's own."""


@dataclass(frozen=True)
class Tried:
    """What one point of the space reached.

    Parameters
    ----------
    place
        When it was proposed; 0 are the untuned settings.
    point
        The settings.
    value
        The metric over all blocks; 0 where it failed.
    figures
        Other figures of its judgement by name.
    seconds
        What training and scoring took, all blocks together.
    failure
        Why it failed, or "".
    """

    place: int
    point: Point
    value: float
    figures: Mapping[str, float | int | None]
    seconds: float
    failure: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain values, ready for JSON."""
        return {**asdict(self), "point": dict(self.point), "figures": dict(self.figures)}


@dataclass(frozen=True)
class Tuning:
    """The search as a whole.

    Parameters
    ----------
    metric, by
        What was tuned for: a figure, of labelled events ("labels") or of faults put into the readings ("faults").
    tried
        In order of proposal; the untuned settings first.
    space
        What was searched.
    untuned, tuned
        The recipe as it was given, and with the best settings found; the same where nothing was better.
    rows
        Both, and rules that cost nothing, on the later readings.
    """

    metric: str
    by: Literal["labels", "faults"]
    tried: tuple[Tried, ...]
    space: Space
    untuned: Recipe
    tuned: Recipe
    rows: tuple[Row, ...]

    @property
    def best(self) -> Tried:
        """The point with the greatest value; of several, the first."""
        return max(self.tried, key=lambda one: one.value)

    @property
    def gains(self) -> tuple[float, ...]:
        """By how much the tuned settings beat the untuned ones on the later readings, by seed; empty if one failed."""
        values = {row.name: row.values(self.metric) for row in self.rows}
        tuned, untuned = values.get(TUNED, []), values.get(UNTUNED, [])
        return tuple(a - b for a, b in zip(tuned, untuned, strict=True)) if len(tuned) == len(untuned) else ()

    @property
    def paid(self) -> bool:
        """True where the tuned settings were better with each seed, and by ``MARGIN`` in the mean."""
        gains = self.gains
        return bool(gains) and min(gains) > 0 and sum(gains) / len(gains) >= MARGIN

    @property
    def recommended(self) -> Recipe:
        """The recipe to go on with: the untuned one unless tuning paid."""
        return self.tuned if self.paid else self.untuned

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return {
            "metric": self.metric,
            "by": self.by,
            "space": [str(axis) for axis in self.space.axes],
            "tried": [one.as_dict() for one in self.tried],
            "best": self.best.as_dict(),
            "gains": list(self.gains),
            "recommended": TUNED if self.paid else UNTUNED,
            "later": [row.as_dict() for row in self.rows],
        }
