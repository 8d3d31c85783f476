"""What a person wants to hear of a channel, and what not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from tocsin.core.errors import SettingError


@dataclass(frozen=True, kw_only=True)
class Intent:
    """What is wanted of one channel; what is None is as for all devices, and there as if nothing had been said.

    Parameters
    ----------
    channel
        Its place in the schema.
    direction
        Which deviations from the expected value matter: "high", "low", or "both".
    least
        The smallest deviation worth telling, in the channel's unit.
    low, high
        The expected range: a value outside rings whatever the score.
    mute
        Is nothing to be told of it?
    raise_after, raise_after_ns
        Anomalous windows in a row, and the time they must last in ns, after which an incident opens that this channel
        has the greatest share in.
    """

    channel: int
    direction: Literal["high", "low", "both"] | None = None
    least: float | None = None
    low: float | None = None
    high: float | None = None
    mute: bool | None = None
    raise_after: int | None = None
    raise_after_ns: int = 0

    def __post_init__(self) -> None:
        if self.channel < 0:
            raise SettingError("A channel's place counts from 0.", remedy="Correct it.")
        if self.least is not None and not (self.least >= 0 and math.isfinite(self.least)):
            raise SettingError(
                f"The smallest deviation worth telling is {self.least!r}.", remedy="Give a number from 0, in its unit."
            )
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise SettingError(
                f"The expected range from {self.low:g} to {self.high:g} is empty.", remedy="Give the lower end first."
            )
        if (self.raise_after is not None and self.raise_after < 1) or self.raise_after_ns < 0:
            raise SettingError("raise_after counts windows from 1.", remedy="For example: 3")
