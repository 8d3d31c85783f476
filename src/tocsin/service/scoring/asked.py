"""Readings that came as JSON become a table, without a guess: what does not fit is refused in one sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from pydantic_core import from_json

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import NEVER, FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.core.live import Expected
from tocsin.core.readings import Readings
from tocsin.service.settings import Limits
from tocsin.sources import Cadence, Quality, Table
from tocsin.sources.payloads import read_times

NOBODY = "-"
"""The device of readings that name none, as in a file."""

_NUMBERS = {int, float, type(None)}
_LARGEST_MEMORY = 1 << 26
"""Values in the windows of all devices together: half a gigabyte."""


class _Columns(NamedTuple):
    """What was sent, as columns: devices' names, times as written (None for none at all), values by channel."""

    devices: Sequence[Any]
    times: Sequence[Any] | None
    values: dict[str, Sequence[Any]]


def table_of(body: bytes, artifact: Artifact, *, limits: Limits) -> Table:
    """Return the readings in a JSON body as a table for ``artifact``, in the order in which they came.

    Parameters
    ----------
    body
        ``{"device"?, "readings": [{"time"?, "device"?, "<channel>": number or null}, …]}``, or columns:
        ``{"device"?, "time"?: […], "values": {"<channel>": […]}}``. Without times a reading is a period after the one
        before.
    artifact
        What will score them.
    limits
        How much is taken on.

    Raises
    ------
    InputError
        With the first thing that does not fit.
    """
    sent = _parsed(body)
    found = _of_rows(sent, artifact) if "readings" in sent else _of_columns(sent, artifact)
    rows = len(found.devices)
    _check_size(rows, limits)
    names = artifact.schema.names
    values = np.column_stack([_numbers(found.values[name], name, rows) for name in names])
    devices, device = _numbered(found.devices)
    if len(devices) * artifact.window * len(names) > _LARGEST_MEMORY:
        raise InputError(f"{len(devices):,} devices are too many at once.", remedy="Send fewer at a time.")
    counted = found.times is None or artifact.provenance.row_clock
    time = _counted(device, len(devices)) if found.times is None else _times(found.times, artifact)
    _check_order(device, time, len(devices))
    readings = Readings(artifact.schema, device, time, values, row=np.arange(rows))
    return _table(readings, devices, artifact, counted=counted)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        sent = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise InputError(f"The body is not valid JSON: {error}.", remedy="Send readings as /docs shows.") from None
    if not isinstance(sent, dict) or ("readings" in sent) == ("values" in sent):
        raise InputError(
            'The body must have either "readings" or "values".', remedy="See /docs for an example of both."
        )
    allowed = {"device", "readings"} if "readings" in sent else {"device", "time", "values"}
    if unknown := sorted(set(sent) - allowed):
        raise InputError(
            f"The body has {unknown[0][:100]!r}, which means nothing.", remedy=f"It has: {_listed(allowed)}."
        )
    return sent


def _of_rows(sent: dict[str, Any], artifact: Artifact) -> _Columns:
    rows, names = sent["readings"], artifact.schema.names
    if not isinstance(rows, list) or not all(type(row) is dict for row in rows):
        raise InputError('"readings" is no list of objects.', remedy="See /docs for an example.")
    known: set[str] = set().union(*rows)
    _check_channels(known - ({"time", "device"} - set(names)), names, some=bool(rows))
    owner = sent.get("device", NOBODY)
    devices = [row.get("device", owner) for row in rows] if "device" not in names else [owner] * len(rows)
    times = None
    if "time" in known and "time" not in names:
        times = [row.get("time") for row in rows]
    return _Columns(devices, times, {name: [row.get(name) for row in rows] for name in names})


def _of_columns(sent: dict[str, Any], artifact: Artifact) -> _Columns:
    values, times = sent["values"], sent.get("time")
    if not isinstance(values, dict) or not all(type(column) is list for column in values.values()):
        raise InputError('"values" is no object of lists.', remedy="See /docs for an example.")
    _check_channels(set(values), artifact.schema.names, some=True)
    rows = len(values[artifact.schema.names[0]])
    if times is not None and (not isinstance(times, list) or len(times) != rows):
        raise InputError(f'"time" is no list of {rows} times.', remedy="Give one time a reading, or none at all.")
    owner = sent.get("device", NOBODY)
    devices = owner if isinstance(owner, list) else [owner] * rows
    if len(devices) != rows:
        raise InputError(f'"device" names {len(devices)} devices for {rows} readings.', remedy="Give one a reading.")
    return _Columns(devices, times, values)


def _check_channels(given: set[str], names: Sequence[str], *, some: bool) -> None:
    if absent := [name for name in names if name not in given and some]:
        raise InputError(f"The channel {absent[0]!r} is missing.", remedy=f"Give: {_listed(names)}; null for no news.")
    if unknown := sorted(given - set(names)):
        raise InputError(f"There is no channel {unknown[0][:100]!r}.", remedy=f"The artifact knows: {_listed(names)}.")


def _check_size(rows: int, limits: Limits) -> None:
    if not rows:
        raise InputError("There is no reading.", remedy="Give at least one; a window is needed for a score.")
    if rows > limits.rows:
        raise InputError(
            f"{rows:,} readings are more than the {limits.rows:,} taken here.", remedy="Send fewer at a time."
        )


def _numbers(column: Sequence[Any], name: str, rows: int) -> FloatArray:
    if len(column) != rows:
        raise InputError(f"The channel {name!r} has {len(column)} values, others {rows}.", remedy="Give equally many.")
    if not set(map(type, column)) <= _NUMBERS:
        place, wrong = next((k, value) for k, value in enumerate(column) if type(value) not in _NUMBERS)
        raise InputError(f"{name} of reading {place} is {_shown(wrong)}, no number.", remedy="Give a number, or null.")
    try:
        return np.array(column, np.float64)
    except OverflowError:
        raise InputError(
            f"A value of {name} is too large for a number.", remedy="Give a smaller one, or null."
        ) from None


def _numbered(names: Sequence[Any]) -> tuple[tuple[str, ...], IntArray]:
    """Return the devices' names, and the index of each reading's."""
    place: dict[Any, int] = {}
    for name in names:
        if type(name) is not str:
            raise InputError(f"A device is called {_shown(name)}, which is no text.", remedy='Write it as "pump-1".')
        place.setdefault(name, len(place))
    return tuple(place), np.array([place[name] for name in names], np.int64)


def _counted(device: IntArray, devices: int) -> IntArray:
    """Return the number of each reading within its device, from 0."""
    order, sizes = np.argsort(device, kind="stable"), np.bincount(device, minlength=devices)
    count = np.empty(len(device), np.int64)
    count[order] = np.arange(len(device)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return count


def _times(written: Sequence[Any], artifact: Artifact) -> IntArray:
    if artifact.provenance.row_clock:
        return _row_numbers(written)
    layout = artifact.layout
    form = "" if layout.time_format == "row" else layout.time_format
    found = read_times(written, Expected(time_format=form, timezone=layout.timezone))
    if (found == NEVER).any():
        place = int(np.flatnonzero(found == NEVER)[0])
        raise InputError(
            f"The time of reading {place} is {_shown(written[place])}, which cannot be read.",
            remedy='Write it as "2026-03-01T08:00:00Z", for all readings or for none.',
        )
    return found


def _row_numbers(written: Sequence[Any]) -> IntArray:
    for place, value in enumerate(written):
        if type(value) is not int or not 0 <= value < 1 << 53:
            raise InputError(
                f"The time of reading {place} is {_shown(value)}; the artifact counts rows instead.",
                remedy="Leave the times out, or give row numbers.",
            )
    return np.array(written, np.int64)


def _check_order(device: IntArray, time: IntArray, devices: int) -> None:
    order = np.arange(len(time)) if devices == 1 else np.argsort(device, kind="stable")
    falls = (np.diff(device[order]) == 0) & (np.diff(time[order]) <= 0)
    if falls.any():
        first, then = order[int(np.flatnonzero(falls)[0])], order[int(np.flatnonzero(falls)[0]) + 1]
        how = "at the same time as" if time[first] == time[then] else "earlier than"
        raise InputError(
            f"Reading {then} is {how} reading {first} of the same device.", remedy="Send readings in order of time."
        )


def _table(readings: Readings, devices: tuple[str, ...], artifact: Artifact, *, counted: bool) -> Table:
    """Return readings that need no guess as the table that a file of them would be."""
    import polars as pl

    period = 1 if counted else artifact.clock.period_ns
    cadence = Cadence(period, regular=True, row_clock=counted, slowest_ns=period)
    begin, end = int(readings.time.min()), int(readings.time.max())
    return Table(
        readings=readings,
        labels=None,
        layout=artifact.layout,
        quality=Quality(len(readings), len(devices), begin, end, cadence),
        devices=devices,
        columns=pl.DataFrame(),
        reading=np.arange(len(readings)),
    )


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
