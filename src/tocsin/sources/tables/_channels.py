"""From columns of numbers to clean channels: infinities and sentinels out, hollow channels out, oddities told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.sources.tables._checks import channel_findings, sentinel_finding
from tocsin.sources.tables._finding import Finding
from tocsin.sources.tables._infer import no_channel
from tocsin.sources.tables._layout import Layout
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._paces import Paces, paces_of
from tocsin.sources.tables._sentinels import sentinels_in


@dataclass(frozen=True, eq=False)
class Measured:
    """The channels' values and what is odd about them.

    Parameters
    ----------
    layout
        With sentinels, and without the channels that are mostly silent.
    values
        ndarray of shape (readings, channels), float64, NaN where missing.
    findings
        The channels' oddities.
    paces
        How often each channel speaks.
    """

    layout: Layout
    values: FloatArray
    findings: tuple[Finding, ...]
    paces: Paces


def measure(
    layout: Layout,
    wide: FloatArray,
    *,
    time: IntArray,
    order: IntArray | None,
    starts: BoolArray,
    overrides: Overrides,
    fixed: bool,
) -> Measured:
    """Clean the channels and report on them.

    Parameters
    ----------
    layout
        What each column is.
    wide
        ndarray of shape (channels, readings), float64; it is overwritten.
    time
        ndarray of shape (readings,), int64, ns.
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
    paces = paces_of(wide, time=time, order=order, starts=starts)
    if not fixed and layout.long is None and overrides.channels is None and paces.hollow.any():
        layout = _without_hollow(layout, paces)
        infinite = [count for count, hollow in zip(infinite, paces.hollow, strict=True) if not hollow]
        wide, paces = wide[~paces.hollow], paces.kept()
    for channel, values, count in zip(layout.channels, wide, infinite, strict=True):
        ordered = values if order is None else values[order]
        findings += channel_findings(channel, ordered, starts, count)
    return Measured(layout, np.ascontiguousarray(wide.T), tuple(findings), paces)


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


def _without_hollow(layout: Layout, paces: Paces) -> Layout:
    lost = dict(zip(layout.schema.names, paces.lost, strict=True))
    kept = tuple(channel for channel, hollow in zip(layout.channels, paces.hollow, strict=True) if not hollow)
    hollow = [name for name in lost if name not in {channel.name for channel in kept}]
    layout = replace(
        layout,
        channels=kept,
        sentinels=tuple((name, value) for name, value in layout.sentinels if name not in hollow),
        excluded=(
            *layout.excluded,
            *((name, f"{100 * lost[name]:.0f} % of its values are missing") for name in hollow),
        ),
    )
    if not kept:
        raise no_channel("The table", layout, usable=hollow)
    return layout
