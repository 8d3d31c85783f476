"""Putting a table together: columns as they came, what they are, the readings they make, and what is odd about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray, frozen
from tocsin.core.errors import InputError, SettingError
from tocsin.core.fixes import Fix
from tocsin.core.readings import Readings
from tocsin.sources.tables._cadence import Cadence
from tocsin.sources.tables._channels import Measured, measure
from tocsin.sources.tables._checks import steps_of, time_findings
from tocsin.sources.tables._clock import clock_fixes, clock_in
from tocsin.sources.tables._devices import count_rows, number_devices
from tocsin.sources.tables._expect import expected_layout
from tocsin.sources.tables._infer import decimal_of, infer_layout
from tocsin.sources.tables._labels import flags_in, flags_of, unmarked_findings
from tocsin.sources.tables._layout import MISSING, Layout
from tocsin.sources.tables._loaded import Loaded
from tocsin.sources.tables._long import widen
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile, profile_of
from tocsin.sources.tables._quality import Quality
from tocsin.sources.tables._strays import NO_STRAYS, strays_in
from tocsin.sources.tables._table import Table
from tocsin.sources.tables._times import joined, parse_times


def assemble(loaded: Loaded, overrides: Overrides, expect: Layout | None) -> Table:
    """Return the table that ``loaded`` makes; see :func:`tocsin.sources.open_table`."""
    rows = loaded.columns.height
    if rows < (2 if expect is None else 1):
        raise InputError(f"{loaded.name} has too few rows ({rows}).", remedy="Give a table with at least two rows.")
    base = _base(loaded, overrides, expect)
    profiles = {
        column.name: profile_of(column, decimal=base.decimal, missing=base.missing) for column in loaded.columns
    }
    if expect is None:
        layout = infer_layout(loaded, profiles, overrides, base)
    else:
        layout = expected_layout(profiles, overrides, base, expect)
    device, devices = number_devices(profiles[layout.device] if layout.device else None, rows)
    layout, time = _times(layout, profiles, loaded, device, len(devices), guessed=overrides.time_format is None)
    strays = strays_in(device, time) if layout.time else NO_STRAYS
    told = tuple(strays.findings(time))
    table = _table(
        loaded,
        profiles,
        layout,
        overrides,
        device=device,
        devices=devices,
        time=strays.hidden(time),
        fixed=expect is not None,
    )
    return replace(table, quality=replace(table.quality, findings=(*told, *table.quality.findings)))


def _base(loaded: Loaded, overrides: Overrides, expect: Layout | None) -> Layout:
    if overrides.decimal not in (None, ".", ","):
        raise SettingError(
            f"{overrides.decimal!r} is no decimal sign.",
            remedy="Use '.' or ','.",
            fixes=(Fix("Guess the decimal sign", {"decimal": None}),),
        )
    known = MISSING if expect is None else expect.missing
    more = tuple(text for text in overrides.missing or () if text not in known)
    return Layout(
        separator=loaded.separator,
        decimal=overrides.decimal or decimal_of(loaded.columns),
        encoding=loaded.encoding,
        timezone=overrides.timezone or "UTC",
        missing=known + more,
        notes=loaded.notes,
    )


def _times(
    layout: Layout, profiles: Mapping[str, Profile], loaded: Loaded, device: IntArray, devices: int, *, guessed: bool
) -> tuple[Layout, IntArray]:
    """Return the times, and the layout with the format in which they could be read."""
    if layout.time_format == "row":
        return layout, count_rows(device, devices)
    columns = [profiles[name].column for name in layout.time]
    time = parse_times(columns, layout.time_format, timezone=layout.timezone, device=device)
    if guessed and _unreadable(time):
        clock = clock_in([profiles[name] for name in layout.time])
        if clock is not None and clock.time_format != layout.time_format:
            layout = replace(layout, time_format=clock.time_format)
            time = parse_times(columns, layout.time_format, timezone=layout.timezone, device=device)
    if _unreadable(time):
        fixes = clock_fixes(profiles, layout.time)
        again = () if guessed else (Fix("Guess how times are written", {"time_format": None}),)
        raise _no_time(layout, columns, time, loaded.name, fixes=(*again, *fixes))
    return layout, time


def _unreadable(time: IntArray) -> bool:
    """Tell whether most of the times cannot be read."""
    return 2 * int(np.count_nonzero(time == NEVER)) > len(time)


def _no_time(
    layout: Layout, columns: list[pl.Series], time: IntArray, source: str, *, fixes: tuple[Fix, ...]
) -> InputError:
    row = int(np.flatnonzero(time == NEVER)[0])
    shown = joined(columns)[row]
    return InputError(
        f"Most times in column {' + '.join(map(repr, layout.time))} of {source} cannot be read as {layout.time_format};"
        f" row {row + 1:,} holds {'nothing' if shown is None else repr(shown)}.",
        remedy="Name the column with --time and its format with --time-format, or count rows with --time-format row.",
        fixes=fixes,
    )


def _table(
    loaded: Loaded,
    profiles: Mapping[str, Profile],
    layout: Layout,
    overrides: Overrides,
    *,
    device: IntArray,
    devices: tuple[str, ...],
    time: IntArray,
    fixed: bool,
) -> Table:
    flags = _flags(layout, profiles, fixed)
    if layout.long is not None:
        name, value = (profiles[column] for column in layout.long)
        reading, first, wide = widen(
            name.spelled(), value.values(), device=device, time=time, channels=layout.schema.names
        )
        device, time = device[first], time[first]
        flags = None if flags is None else np.bincount(reading, weights=flags, minlength=len(first)) > 0
    else:
        reading = first = np.arange(len(time))
        wide = _wide(layout, profiles)
    order = _order(device, time)
    starts = _starts(device, order)
    measured = measure(layout, wide, time=time, order=order, starts=starts, overrides=overrides, fixed=fixed)
    quality = _quality(device, time, len(devices), measured)
    if flags is not None and layout.label is not None:
        quality = replace(quality, findings=(*quality.findings, *unmarked_findings(profiles[layout.label])))
    return Table(
        readings=Readings(measured.layout.schema, device, time, measured.values, row=first),
        labels=None if flags is None else frozen(flags),
        layout=measured.layout,
        quality=quality,
        devices=devices,
        columns=loaded.columns,
        reading=frozen(reading),
    )


def _flags(layout: Layout, profiles: Mapping[str, Profile], fixed: bool) -> BoolArray | None:
    """An artifact's label may be absent or blank in the table to score; then there are no labels."""
    if layout.label is None:
        return None
    return (
        flags_of(profiles[layout.label])
        if fixed and profiles[layout.label].kind == "empty"
        else flags_in(profiles[layout.label])
    )


def _wide(layout: Layout, profiles: Mapping[str, Profile]) -> FloatArray:
    return np.stack([profiles[name].values() for name in layout.schema.names])


def _order(device: IntArray, time: IntArray) -> IntArray | None:
    """Return the order by device and time, or None where the table has it already."""
    if not device.any() and (np.diff(time) >= 0).all():
        return None
    return np.lexsort((time, device))


def _starts(device: IntArray, order: IntArray | None) -> BoolArray:
    ordered = device if order is None else device[order]
    return np.concatenate([[True], ordered[1:] != ordered[:-1]])


def _quality(device: IntArray, time: IntArray, devices: int, measured: Measured) -> Quality:
    paces = measured.paces.told()
    if measured.layout.time_format == "row":
        slowest = int(paces.max()) if len(paces) else 1
        cadence = Cadence(1, regular=True, row_clock=True, slowest_ns=slowest)
        return Quality(len(time), devices, int(time.min()), int(time.max()), cadence, measured.findings)
    cadence = Cadence.of(steps_of(device, time, by_time=True), paces)
    known = time[time != NEVER]
    return Quality(
        len(time),
        devices,
        int(known.min()),
        int(known.max()),
        cadence,
        (*time_findings(device, time, cadence), *measured.findings),
    )
