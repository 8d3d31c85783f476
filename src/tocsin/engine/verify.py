"""Checking the promise on real readings: however they are cut, the verdicts and incidents are the same, bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import IntArray
from tocsin.core.errors import InputError
from tocsin.core.progress import report
from tocsin.core.readings import Readings
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine.pipeline import Pipeline

FLEET = 64
"""Copies of the first device that are scored side by side."""

LAG = 7
"""Some copies are up to so many readings behind the others, less one."""

_COLUMNS = ("score", "limit", "by_channel", "incident", "expected")


@dataclass(frozen=True)
class Check:
    """One way of cutting the readings, and the first difference it made, or "".

    Parameters
    ----------
    name
        How the readings were cut.
    readings
        How many were compared.
    difference
        Where the first difference lies, in words; empty if there is none.
    """

    name: str
    readings: int
    difference: str

    @property
    def passed(self) -> bool:
        """True if all verdicts and incidents were the same."""
        return not self.difference


def verify(
    artifact: Artifact,
    readings: Readings,
    devices: tuple[str, ...],
    *,
    seed: int = 0,
    make: Callable[[Artifact], Pipeline] = Pipeline,
) -> Iterator[Check]:
    """Score ``readings`` whole, then cut in other ways, and compare.

    Parameters
    ----------
    artifact
        What scores.
    readings
        In order of arrival.
    devices
        The devices' names.
    seed
        Of the random cuts.
    make
        What makes a pipeline; for testing this check itself.

    Notes
    -----
    This compares tocsin with itself. That the scores are right is for the tests to show: they compare them with the
    graph run on windows cut by hand.

    Raises
    ------
    InputError
        If not one reading can be scored.
    """
    n, rng = len(readings), np.random.default_rng(seed)
    whole = _run(make(artifact), readings, devices, np.array([0, n])) if n else None
    if whole is None or not (whole.status == Status.ok).any():
        raise InputError(
            f"None of the {n} readings could be scored, so there is nothing to compare.",
            remedy=f"Give more rows: the window holds {artifact.window} readings.",
        )
    for name, cuts in (("row by row", np.arange(n + 1)), ("random slices", _random_cuts(n, rng))):
        report(f"verifying {name}", 0, 1)
        yield Check(name, n, _difference(whole, _run(make(artifact), readings, devices, cuts), devices))
    report("verifying snapshot and restore", 0, 1)
    again = _restarted(artifact, readings, devices, _random_cuts(n, rng)[:12], make)
    yield Check("snapshot and restore", n, _difference(whole, again, devices))
    report("verifying each device alone", 0, 1)
    yield Check("each device alone", n, _difference(whole, _alone(artifact, readings, devices, make), devices))
    report("verifying a fleet at once", 0, 1)
    yield _fleet(artifact, readings, make)


def _random_cuts(n: int, rng: np.random.Generator) -> IntArray:
    inner = rng.integers(0, n + 1, size=min(max(n // 40, 1), 500))
    return np.unique(np.concatenate([[0, n], inner]))


def _run(pipeline: Pipeline, readings: Readings, devices: tuple[str, ...], cuts: IntArray) -> Verdicts:
    pipeline.join(devices)
    parts = [pipeline.push(readings.take(slice(int(a), int(b)))) for a, b in pairwise(cuts)]
    return Verdicts.join([*parts, pipeline.flush()])


def _restarted(
    artifact: Artifact,
    readings: Readings,
    devices: tuple[str, ...],
    cuts: IntArray,
    make: Callable[[Artifact], Pipeline],
) -> Verdicts:
    """Score with a new pipeline after each cut, restored from the last one's snapshot."""
    pipeline, parts = make(artifact), []
    pipeline.join(devices)
    for start, stop in zip(cuts, np.append(cuts[1:], len(readings)), strict=True):
        parts.append(pipeline.push(readings.take(slice(int(start), int(stop)))))
        snapshot, pipeline = pipeline.snapshot(), make(artifact)
        pipeline.restore(snapshot)
    return Verdicts.join([*parts, pipeline.flush()])


def _alone(
    artifact: Artifact, readings: Readings, devices: tuple[str, ...], make: Callable[[Artifact], Pipeline]
) -> Verdicts:
    parts = []
    for device in range(len(devices)):
        own = readings.take(readings.device == device)
        parts.append(_run(make(artifact), own, devices, np.array([0, len(own)])))
    return Verdicts.join(parts)


def _fleet(artifact: Artifact, readings: Readings, make: Callable[[Artifact], Pipeline]) -> Check:
    """Score copies of the first device's readings, each some readings behind the last, all in one batch."""
    first = np.flatnonzero(readings.device == readings.device[0])[: 4 * artifact.window + 100]
    series = readings.take(first)
    alone = _run(
        make(artifact), _as_device(series, np.zeros(len(series), np.int64)), ("-",), np.array([0, len(series)])
    )
    late = np.arange(FLEET) % LAG
    start = np.add.outer(np.arange(len(series) + LAG), -late)
    moment, copy = np.nonzero((start >= 0) & (start < len(series)))
    fleet = _as_device(series.take(start[moment, copy]), copy)
    cuts = np.searchsorted(moment, np.arange(len(series) + LAG + 1))
    together = _run(make(artifact), fleet, tuple(f"copy {k}" for k in range(FLEET)), cuts)
    for k in range(FLEET):
        own = together.take(together.device == k)
        found = _compare(_sorted(alone), _sorted(own), columns=("score", "limit", "by_channel"))
        if found is not None:
            return Check("a fleet at once", len(fleet), f"copy {k} of {FLEET}, its reading {found[0] + 1}: {found[1]}")
    return Check("a fleet at once", len(fleet), "")


def _as_device(readings: Readings, device: IntArray) -> Readings:
    return Readings(readings.schema, device, readings.time, readings.values, bad=readings.bad)


def _difference(whole: Verdicts, cut: Verdicts, devices: tuple[str, ...]) -> str:
    first, second = _sorted(whole), _sorted(cut)
    found = _compare(first, second, columns=_COLUMNS)
    if found is not None:
        place, what = found
        row = int(first.row[place])
        where = f"row {row + 1}" if row >= 0 else f"the bin ending at {int(first.time[place])} ns"
        return f"{where}, device {devices[first.device[place]]}: {what}"
    if sorted(map(repr, whole.events)) != sorted(map(repr, cut.events)):
        return f"the incidents: {len(whole.events)} events whole, {len(cut.events)} cut, or they differ in content"
    return ""


def _sorted(verdicts: Verdicts) -> Verdicts:
    return verdicts.take(np.lexsort((verdicts.row, verdicts.status, verdicts.time, verdicts.device)))


def _compare(whole: Verdicts, cut: Verdicts, *, columns: tuple[str, ...]) -> tuple[int, str] | None:
    """Return the first place at which the columns differ in any bit, and how; None if nowhere."""
    if len(whole) != len(cut):
        return min(len(whole), len(cut)) - 1, f"{len(whole)} verdicts whole, {len(cut)} cut"
    for name in ("time", "status", *columns):
        one, other = getattr(whole, name), getattr(cut, name)
        differs = _bits(one) != _bits(other)
        if differs.any():
            place = int(np.flatnonzero(differs.reshape(len(differs), -1).any(axis=1))[0])
            return place, f"{name} is {one[place]!s} whole, {other[place]!s} cut"
    return None


def _bits(array: np.ndarray) -> np.ndarray:
    """Return the bits as integers, with all NaN alike."""
    if array.dtype.kind != "f":
        return array
    clean = np.where(np.isnan(array), np.asarray(np.nan, array.dtype), array)
    return np.ascontiguousarray(clean).view(f"u{array.dtype.itemsize}")
