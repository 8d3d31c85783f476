"""How an export and its artifact agree on golden windows of one kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Held:
    """What became of the promise on windows of one kind.

    Parameters
    ----------
    kind
        Such as "borderline".
    windows
        How many were scored by both.
    apart
        Greatest difference of two scores, as a share of max(|score|, limit).
    shares_apart
        The same for the channels' shares; None where one of the two tells none.
    flips_outside, flips_inside
        Verdicts that differ although the artifact's score lies outside the margin, and those inside it.
    """

    kind: str
    windows: int
    apart: float
    shares_apart: float | None
    flips_outside: int
    flips_inside: int

    @property
    def agreement(self) -> float:
        """The share of windows whose verdict is the same.

        >>> Held("normal", 200, apart=0, shares_apart=None, flips_outside=1, flips_inside=1).agreement
        0.99
        """
        return 1.0 - (self.flips_outside + self.flips_inside) / self.windows
