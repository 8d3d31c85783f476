"""The questions that the quality report answers, each asked of whole columns at once."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.schema import Channel
from tocsin.sources.tables._cadence import Cadence
from tocsin.sources.tables._finding import Finding
from tocsin.sources.tables._names import plain
from tocsin.sources.tables._spans import in_words

_STUCK = 60  # readings, at least
_STUCK_RUNS = 10  # times the run length that 99 % of the runs keep below
_RESTS = 2  # a value that lasts long more often than this is one at which the channel rests
_LOWEST = {"K": 0.0, "°C": -273.15, "°F": -459.67, "lux": 0.0, "ppm": 0.0, "ppb": 0.0}


def time_findings(device: IntArray, time: IntArray, cadence: Cadence) -> list[Finding]:
    """Return what is odd about the times, in the file's order.

    Parameters
    ----------
    device, time
        ndarrays of shape (rows,), int64; ns, NEVER where the time could not be read.
    cadence
        How often readings come.
    """
    findings = []
    if gone := int(np.count_nonzero(time == NEVER)):
        text = f"{gone:,} {_readings(gone, 'has', 'have')} no time that can be read"
        findings.append(Finding("warning", "missing times", None, gone, text))
    if backward := int(np.count_nonzero(steps_of(device, time, by_time=False) < 0)):
        text = f"{backward:,} {_readings(backward, 'stands', 'stand')} after a later one of the same device"
        findings.append(Finding("warning", "unordered", None, backward, text))
    steps = steps_of(device, time, by_time=True)
    if repeats := int(np.count_nonzero(steps == 0)):
        text = f"{repeats:,} {_readings(repeats, 'repeats', 'repeat')} a time of the same device"
        findings.append(Finding("warning", "duplicates", None, repeats, text))
    return findings + _gaps(steps, cadence)


def steps_of(device: IntArray, time: IntArray, *, by_time: bool) -> IntArray:
    """Return the steps in ns between successive readings of one device, in order of time or of the file."""
    known = time != NEVER
    if not known.all():
        device, time = device[known], time[known]
    if device.any():
        order = np.lexsort((time, device)) if by_time else np.argsort(device, kind="stable")
        device, time = device[order], time[order]
        return np.asarray((time[1:] - time[:-1])[device[1:] == device[:-1]])
    if by_time and (time[1:] < time[:-1]).any():
        time = np.sort(time)
    return np.asarray(time[1:] - time[:-1])


def _gaps(steps: IntArray, cadence: Cadence) -> list[Finding]:
    """A missing reading shows on a grid; where readings come as they will, only a long pause tells anything."""
    gaps = steps[steps > cadence.period_ns * (1.5 if cadence.regular else 10)]
    if not len(gaps):
        return []
    text = f"{len(gaps):,} {'gap' if len(gaps) == 1 else 'gaps'}, the longest of {in_words(int(gaps.max()))}"
    return [Finding("note", "gaps", None, len(gaps), text)]


def channel_findings(channel: Channel, values: FloatArray, starts: BoolArray, infinite: int) -> list[Finding]:
    """Return what is odd about one channel.

    Parameters
    ----------
    channel
        Its name and unit.
    values
        ndarray of shape (rows,), float64, device by device in order of time, NaN where missing.
    starts
        ndarray of shape (rows,), bool: does another device begin here?
    infinite
        How many values were infinite; they are missing by now.
    """
    name, findings = channel.name, []
    if infinite:
        findings.append(
            Finding("warning", "infinite", name, infinite, f"{name}: {infinite:,} infinite, taken as missing")
        )
    lost = int(np.count_nonzero(np.isnan(values)))
    if lost:
        share = 100 * lost / len(values)
        findings.append(Finding("note", "missing", name, lost, f"{name}: {lost:,} missing ({share:.3g} %)"))
    if lost == len(values):
        return findings
    if np.nanmin(values) == np.nanmax(values):
        text = f"{name}: constant at {np.nanmin(values):g}"
        return [*findings, Finding("warning", "constant", name, len(values) - lost, text)]
    return findings + _stuck(name, values, starts) + _out_of_range(channel, values)


def sentinel_finding(name: str, value: float, count: int, *, kept: bool) -> Finding:
    """Return the finding that a value stands for "missing"."""
    meaning = "kept as measured" if kept else "taken as missing"
    return Finding("warning", "sentinel", name, count, f"{name}: {count:,} times {value:g}, {meaning}")


def _stuck(name: str, values: FloatArray, starts: BoolArray) -> list[Finding]:
    """Return the longest run of one value if it is far longer than runs usually are, and no place of rest."""
    begins = np.flatnonzero(np.concatenate([[True], (values[1:] != values[:-1]) | starts[1:]]))
    lengths = np.diff(np.append(begins, len(values)))
    if lengths.max() < _STUCK:
        return []
    usual = np.searchsorted(np.cumsum(np.bincount(lengths)), 0.99 * len(lengths))
    long = np.flatnonzero(lengths >= max(_STUCK, _STUCK_RUNS * int(usual)))
    held = values[begins[long]]
    kept, times = np.unique(held, return_counts=True)
    odd = long[np.isin(held, kept[times <= _RESTS])]
    if not len(odd):
        return []
    worst = odd[np.argmax(lengths[odd])]
    count = int(lengths[odd].sum())
    text = f"{name}: stuck at {values[begins[worst]]:g} for {lengths[worst]:,} readings"
    return [Finding("warning", "stuck", name, count, text)]


def _out_of_range(channel: Channel, values: FloatArray) -> list[Finding]:
    low, high = _limits(channel)
    out = int(np.count_nonzero((values < low) | (values > high)))
    if not out:
        return []
    span = f"outside {low:g} to {high:g}" if high < np.inf else f"below {low:g}"
    unit = f" {channel.unit}" if channel.unit else ""
    return [Finding("warning", "range", channel.name, out, f"{channel.name}: {out:,} {span}{unit}")]


def _limits(channel: Channel) -> tuple[float, float]:
    words = plain(channel.name).split("_")
    humid = "humidity" in words or "rh" in words
    if humid and "ratio" not in words and "absolute" not in words and channel.unit in {"", "%", "%RH"}:
        return 0.0, 100.0
    bright = channel.unit == "" and {"light", "lux", "illuminance", "co2"} & set(words)
    return _LOWEST.get(channel.unit, 0.0 if bright else -np.inf), np.inf


def _readings(count: int, one: str, many: str) -> str:
    return f"reading {one}" if count == 1 else f"readings {many}"
