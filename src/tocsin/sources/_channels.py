"""From columns of numbers to clean channels: infinities and sentinels out, hollow channels out, oddities told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.sources._checks import channel_findings, sentinel_finding
from tocsin.sources._finding import Finding
from tocsin.sources._infer import no_channel
from tocsin.sources._layout import Layout
from tocsin.sources._overrides import Overrides
from tocsin.sources._sentinels import sentinels_in


@dataclass(frozen=True, eq=False)
class Measured:
    """The channels' values and what is odd about them.

    Parameters
    ----------
    layout
        With sentinels, and without the channels that miss more than half of their values.
    values
        ndarray of shape (readings, channels), float64, NaN where missing.
    findings
        The channels' oddities.
    """

    layout: Layout
    values: FloatArray
    findings: tuple[Finding, ...]


def measure(
    layout: Layout, wide: FloatArray, *, order: IntArray | None, starts: BoolArray, overrides: Overrides, fixed: bool
) -> Measured:
    """Clean the channels and report on them.

    Parameters
    ----------
    layout
        What each column is.
    wide
        ndarray of shape (channels, readings), float64; it is overwritten.
    order
        ndarray of shape (readings,), int64: order by device and time, or None where it is the file's.
    starts
        ndarray of shape (readings,), bool: in that order, does another device begin here?
    overrides
        What the user knows better.
    fixed
        Does the layout come from an artifact? Then its channels and sentinels stay as they are.

    Raises
    ------
    InputError
        If no channel is left.
    """
    infinite = [_drop_infinite(values) for values in wide]
    layout, findings = _drop_sentinels(layout, wide, kept=bool(overrides.keep_sentinels), fixed=fixed)
    if not fixed and layout.long is None and overrides.channels is None:
        layout, wide, infinite = _drop_hollow(layout, wide, infinite)
    for channel, values, count in zip(layout.channels, wide, infinite, strict=True):
        ordered = values if order is None else values[order]
        findings += channel_findings(channel, ordered, starts, count)
    return Measured(layout, np.ascontiguousarray(wide.T), tuple(findings))


def _drop_infinite(values: FloatArray) -> int:
    infinite = np.isinf(values)
    if infinite.any():
        values[infinite] = np.nan
    return int(np.count_nonzero(infinite))


def _drop_sentinels(layout: Layout, wide: FloatArray, *, kept: bool, fixed: bool) -> tuple[Layout, list[Finding]]:
    """An artifact's sentinels are the only ones when scoring: what a value means must not depend on its neighbours."""
    found = layout.sentinels if fixed else _sentinels(layout, wide)
    place = {channel.name: k for k, channel in enumerate(layout.channels)}
    findings = []
    for name, value in found:
        hits = wide[place[name]] == value
        if hits.any():
            findings.append(sentinel_finding(name, value, int(np.count_nonzero(hits)), kept=kept))
        if not kept:
            wide[place[name], hits] = np.nan
    return replace(layout, sentinels=() if kept else found), findings


def _sentinels(layout: Layout, wide: FloatArray) -> tuple[tuple[str, float], ...]:
    return tuple(
        (channel.name, value)
        for channel, values in zip(layout.channels, wide, strict=True)
        for value in sentinels_in(values)
    )


def _drop_hollow(layout: Layout, wide: FloatArray, infinite: list[int]) -> tuple[Layout, FloatArray, list[int]]:
    lost = np.isnan(wide).mean(axis=1)
    if not (lost > 0.5).any():
        return layout, wide, infinite
    kept = [k for k in range(len(wide)) if lost[k] <= 0.5]
    hollow = {channel.name: share for channel, share in zip(layout.channels, lost, strict=True) if share > 0.5}
    reasons = tuple((name, f"{100 * share:.0f} % of its values are missing") for name, share in hollow.items())
    layout = replace(
        layout,
        channels=tuple(layout.channels[k] for k in kept),
        sentinels=tuple((name, value) for name, value in layout.sentinels if name not in hollow),
        excluded=(*layout.excluded, *reasons),
    )
    if not kept:
        raise no_channel("The table", layout)
    return layout, wide[kept], [infinite[k] for k in kept]
