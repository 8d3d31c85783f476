"""Kinds of channels: what a channel's values mean decides how they may be scaled, subtracted and averaged."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal["real", "constant", "binary", "one_hot", "counter", "degrees", "radians"]
"""What a channel is:

- real: a measured quantity.
- constant: always the same in normal operation.
- binary: one of two values.
- one_hot: one of several channels of which exactly one is 1.
- counter: never falls but for resets; what tells is how fast it rises.
- degrees, radians: an angle, which begins anew after a full turn.
"""

KINDS: tuple[Kind, ...] = get_args(Kind)

TURNS: dict[Kind, float] = {"degrees": 360.0, "radians": 6.283185307179586}
"""A full turn of each kind of angle, in the channel's unit."""

SWITCHES: frozenset[Kind] = frozenset({"binary", "one_hot"})
"""Kinds whose values are states, of which no deviation makes sense."""
