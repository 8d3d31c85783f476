"""How someone else's graph is to be understood: what goes in, what comes out, and what that means."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.errors import SettingError

_CHOICES = {
    "layout": ("auto", "nwc", "ncw", "flat"),
    "gives": ("reconstruction", "forecast", "score"),
    "score": ("mean", "last"),
    "scale": ("none", "minmax", "zscore", "robust"),
}
_LONGEST = 100_000


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """What there is to know of a graph that tocsin has not made.

    Parameters
    ----------
    gives
        "reconstruction": the window again, as it should be; "forecast": the reading behind the window; "score": how
        strange the window is.
    score
        What a reconstruction is judged by: the mean squared error over the whole window ("mean"), or that of its last
        reading ("last").
    layout
        Of what goes in: "nwc" (windows, readings, channels), "ncw" (windows, channels, readings), "flat" (windows,
        readings after one another), or "auto" for what its shape says.
    window
        Readings that go in; None for what its shape says.
    channels
        Names of the channels, in the order in which they go in; none for the order in which the readings have them.
    scale
        What the graph was trained on: "none" for raw units, else how the readings are scaled for it, learned from them.
    tensor
        Name of the output, where there are several; "" for the first.
    negate
        Does a lower score mean stranger, as scikit-learn's do?

    Raises
    ------
    SettingError
        If a choice is none of those there are.
    """

    gives: str = "reconstruction"
    score: str = "mean"
    layout: str = "auto"
    window: int | None = None
    channels: tuple[str, ...] = ()
    scale: str = "none"
    tensor: str = ""
    negate: bool = False

    def __post_init__(self) -> None:
        for name, choices in _CHOICES.items():
            if getattr(self, name) not in choices:
                raise SettingError(
                    f"{name} is {getattr(self, name)!r}.", remedy=f"Choose one of: {', '.join(choices)}."
                )
        if self.window is not None and not 1 <= self.window <= _LONGEST:
            raise SettingError(f"A window of {self.window} readings cannot be.", remedy="Give at least 1.")
        if self.negate and self.gives != "score":
            raise SettingError("Only a score can be negated.", remedy="Leave negate out, or say that it gives a score.")
