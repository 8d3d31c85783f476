"""Guessing what the columns of a table are, in an order that lets the surest guesses help the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from tocsin.core.errors import InputError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._clock import find_clock
from tocsin.sources.tables._devices import find_device, number_devices
from tocsin.sources.tables._labels import find_label, flags_in
from tocsin.sources.tables._layout import Layout
from tocsin.sources.tables._loaded import Loaded
from tocsin.sources.tables._long import find_long, long_channels
from tocsin.sources.tables._names import nearest
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile
from tocsin.sources.tables._reasons import Company, reason_against, refuse_mixed
from tocsin.sources.tables._units import channel_of
from tocsin.sources.tables._written import REASON, written_by_tocsin

_DECIMALS = 5_000  # rows in which the decimal sign must show


def infer_layout(loaded: Loaded, profiles: Mapping[str, Profile], overrides: Overrides, base: Layout) -> Layout:
    """Return what each column is.

    Parameters
    ----------
    loaded
        The columns as they came.
    profiles
        What each of them holds.
    overrides
        What the user knows better.
    base
        What is known already: how the text is written.

    Raises
    ------
    InputError
        If no channel is left, a setting names no column, or a channel holds text.
    """
    refuse_unknown(profiles, overrides)
    named = {column for _, column in overrides.columns()}
    left_out = dict.fromkeys((name for name in written_by_tocsin(profiles) if name not in named), REASON)
    left_out |= dict.fromkeys(overrides.exclude or (), "you asked for it")
    open_to_all = {name: profile for name, profile in profiles.items() if name not in left_out}
    clock = find_clock(open_to_all, overrides)
    free = {name: profile for name, profile in open_to_all.items() if name not in clock.columns}
    long = find_long(free, overrides, clock.columns)
    device = find_device(free, overrides, long or ())
    label = find_label(
        {name: profile for name, profile in free.items() if name not in (device, *(long or ()))}, overrides
    )
    layout = replace(
        base,
        time=clock.columns,
        time_format=clock.time_format,
        device=device,
        label=label,
        long=long,
        excluded=tuple(left_out.items()),
        notes=(*base.notes, *([clock.note] if clock.note else [])),
    )
    layout = (
        _with_long(layout, free, overrides)
        if long
        else _with_channels(layout, free, loaded.columns.columns[0], overrides)
    )
    if not layout.channels:
        raise no_channel(loaded.name, layout, usable=_usable(profiles, layout))
    return layout


def decimal_of(columns: pl.DataFrame) -> str:
    """Return the decimal sign: the comma where numbers are written with it and none with a point."""
    for part in (columns.head(_DECIMALS), columns):
        texts = part.select(pl.col(pl.String).str.strip_chars())
        commas, points = (_count(texts, rf"^[+-]?\d*{sign}\d+([eE][+-]?\d+)?$") for sign in (",", r"\."))
        if commas or points:
            return "," if commas and not points else "."
    return "."


def refuse_unknown(profiles: Mapping[str, Profile], overrides: Overrides) -> None:
    """Do nothing, or raise.

    Raises
    ------
    InputError
        If a setting names a column that is not there.
    """
    for setting, column in overrides.columns():
        if column not in profiles:
            hint = nearest(column, profiles) or f"There are: {', '.join(list(profiles)[:12])}."
            raise InputError(
                f"There is no column {column!r}, which --{setting} names.",
                remedy=hint,
                fixes=(Fix(f"Guess the {setting} instead", {setting: None}),),
            )


def _usable(profiles: Mapping[str, Profile], layout: Layout) -> list[str]:
    """Return columns of numbers that were left out for what they are called, or for what they look like."""
    taken = (*layout.time, layout.device, layout.label)
    return [name for name, profile in profiles.items() if name not in taken and profile.kind in {"number", "states"}]


def no_channel(source: str, layout: Layout, *, usable: Sequence[str]) -> InputError:
    """Return the error that says that nothing is left to watch, where it went, and what could be taken all the same."""
    shown = ", ".join(map(repr, usable[:4])) + (f" and {len(usable) - 4} more" if len(usable) > 4 else "")
    gone = "; ".join(f"{name or '(unnamed)'}: {reason}" for name, reason in layout.excluded[:6])
    return InputError(
        f"{source} has no usable channel{f' ({gone})' if gone else ''}.",
        remedy="Name columns that hold numbers with --channels.",
        fixes=(Fix(f"Take {shown} as channels", {"channels": tuple(usable), "exclude": None}),) if usable else (),
    )


def _count(columns: pl.DataFrame, regex: str) -> int:
    if not columns.width:
        return 0
    return int(columns.select(pl.sum_horizontal(pl.all().str.contains(regex).sum())).item() or 0)


def _with_channels(layout: Layout, free: Mapping[str, Profile], first: str, overrides: Overrides) -> Layout:
    company = _company(layout, free, first)
    reasons: dict[str, str | None] = {}
    for name, profile in free.items():
        if name in (layout.device, layout.label):
            continue
        if overrides.channels is None:
            reasons[name] = reason_against(profile, company)
        elif name in overrides.channels:
            refuse_mixed(profile)
            reasons[name] = None
        else:
            reasons[name] = "not among --channels"
    return replace(
        layout,
        channels=tuple(channel_of(name) for name, reason in reasons.items() if reason is None),
        excluded=(*layout.excluded, *((name, reason) for name, reason in reasons.items() if reason is not None)),
    )


def _company(layout: Layout, free: Mapping[str, Profile], first: str) -> Company:
    rows = len(next(iter(free.values())).column) if free else 0
    device, names = number_devices(free[layout.device] if layout.device else None, rows)
    flags = flags_in(free[layout.label]) if layout.label else None
    return Company(first, layout.label, flags, device, len(names))


def _with_long(layout: Layout, free: Mapping[str, Profile], overrides: Overrides) -> Layout:
    assert layout.long is not None
    refuse_mixed(free[layout.long[1]], needed=True)
    rest = [name for name in free if name not in (layout.device, layout.label, *layout.long)]
    return replace(
        layout,
        channels=long_channels(free, layout.long, overrides.channels),
        excluded=(*layout.excluded, *((name, "neither name nor value of a channel") for name in rest)),
    )
