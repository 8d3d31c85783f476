"""The policy's settings as arrays, a row for each kind of device, so that a fleet is looked up and not looped over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.intent import Intent
from tocsin.core.arrays import BoolArray, Float32Array, FloatArray, IntArray

_SIGNS = {"high": 1, "low": -1, "both": 0, None: 0}


@dataclass(frozen=True)
class Law:
    """After how much to ring, and to stop: of one kind of device. Times in ns."""

    raise_after: int
    raise_after_ns: int
    release_below: float
    release_after: int
    release_after_ns: int
    cooldown: int
    cooldown_ns: int
    merge_within_ns: int
    grades: tuple[float, float]
    """From which severity on an incident is major, and critical."""
    own: Mapping[int, tuple[int, int]]
    """After how much to ring where the channel at this place leads."""


@dataclass(frozen=True, eq=False)
class Tables:
    """What holds for each kind of device: row 0 for those without a rule, then one row a rule.

    Parameters
    ----------
    laws
        One a row.
    factor, silent
        ndarrays of shape (rows,): what the limit is multiplied by; is nothing to be told?
    mute, sign, least
        ndarrays of shape (rows, channels): is nothing to be told; 1 where only deviations upwards matter, -1 for
        downwards, else 0; the smallest deviation worth telling.
    low, high
        ndarrays of shape (rows, channels), float32 as the readings are, infinite where there is no range.
    sifted, ranged
        Places of the channels of which not every deviation matters, and of those with a range, in any row.
    """

    laws: tuple[Law, ...]
    factor: FloatArray
    silent: BoolArray
    mute: BoolArray
    sign: IntArray
    least: FloatArray
    low: Float32Array
    high: Float32Array

    @cached_property
    def scaled(self) -> bool:
        """Whether the limit of any kind of device is multiplied."""
        return bool((self.factor != 1).any())

    @cached_property
    def hushed(self) -> bool:
        """Whether there is a kind of device of which nothing is to be told."""
        return bool(self.silent.any())

    @cached_property
    def sifted(self) -> IntArray:
        """Places of the channels of which not every deviation matters."""
        return np.flatnonzero((self.mute | (self.sign != 0) | (self.least > 0)).any(axis=0))

    @cached_property
    def ranged(self) -> IntArray:
        """Places of the channels with an expected range."""
        limited = np.isfinite(self.low) | np.isfinite(self.high)
        return np.flatnonzero((limited & ~self.mute).any(axis=0))


def tables_of(usual: Law, channels: int, intents: Sequence[Intent], rules: Sequence[DeviceRule]) -> Tables:
    """Return the tables of a policy's settings; ``usual`` holds where a device or a channel has none of its own."""
    rows = [_merged(channels, intents, rule.intents if rule else ()) for rule in (None, *rules)]
    return Tables(
        laws=tuple(_law(usual, row, rule) for row, rule in zip(rows, (None, *rules), strict=True)),
        factor=np.array([1.0, *(rule.limit_factor for rule in rules)]),
        silent=np.array([False, *(rule.mute for rule in rules)]),
        mute=np.array([[bool(own.mute) for own in row] for row in rows]),
        sign=np.array([[_SIGNS[own.direction] for own in row] for row in rows], np.int64),
        least=np.array([[own.least or 0.0 for own in row] for row in rows]),
        low=np.array([[-np.inf if own.low is None else own.low for own in row] for row in rows], np.float32),
        high=np.array([[np.inf if own.high is None else own.high for own in row] for row in rows], np.float32),
    )


def _merged(channels: int, usual: Sequence[Intent], own: Sequence[Intent]) -> list[Intent]:
    """Return one intent a channel; what a device's own says comes before what is said for all."""
    found = [Intent(channel=k) for k in range(channels)]
    for given in (*usual, *own):
        said = {name: value for name, value in vars(given).items() if value is not None}
        if given.raise_after is None:
            del said["raise_after_ns"]
        if {"low", "high"} & said.keys():
            said |= {"low": given.low, "high": given.high}
        found[given.channel] = Intent(**{**vars(found[given.channel]), **said})
    return found


def _law(usual: Law, row: Sequence[Intent], rule: DeviceRule | None) -> Law:
    own = {k: (told.raise_after, told.raise_after_ns) for k, told in enumerate(row) if told.raise_after is not None}
    given = {} if rule is None else {name: value for name, value in vars(rule).items() if value is not None}
    return Law(**{**vars(usual), **{name: given[name] for name in given if hasattr(usual, name)}, "own": own})
