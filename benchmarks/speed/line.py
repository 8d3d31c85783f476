"""One line of the result: a figure, what it is held against, and whether it reaches the aim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Line:
    """A measured figure.

    Parameters
    ----------
    group, what
        What was measured.
    value, unit
        tocsin's figure.
    against, reference
        The other side and its figure, where there is one.
    gain
        How many times better tocsin is than the reference, or its share of a bound, or of what it comes on top of.
    aim, judged
        The border between good and bad, and whether "gain" or "value" is held to it; None where nothing was promised.
    lower_is_better
        Must the judged figure stay below the aim?
    """

    group: str
    what: str
    value: float
    unit: str
    against: str = ""
    reference: float | None = None
    gain: float | None = None
    aim: float | None = None
    judged: Literal["gain", "value"] = "gain"
    lower_is_better: bool = False

    @property
    def met(self) -> bool | None:
        """Is the aim reached? None without an aim."""
        figure = self.gain if self.judged == "gain" else self.value
        if self.aim is None or figure is None:
            return None
        return figure <= self.aim if self.lower_is_better else figure >= self.aim
