"""Between the state's arrays and the busy devices' runs: all devices of a column at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from tocsin.alerting._run import Run
from tocsin.alerting._tables import Law
from tocsin.alerting._tally import Tally
from tocsin.alerting._watch import Watch
from tocsin.core.arrays import IntArray

_PLAIN = ("above", "below", "quiet_since", "rest", "rest_until", "open", "excused")
"""What is remembered beside the tallies."""

_TALLY = tuple(field.name for field in fields(Tally) if field.name != "shares")


def runs_of(laws: Sequence[Law], watch: Watch, busy: IntArray) -> list[Run]:
    """Return the runs of the devices at ``busy``."""
    merging = any(law.merge_within_ns for law in laws)
    now, past = tallies_of(watch, busy), tallies_of(watch, busy, "past_") if merging else [None] * len(busy)
    plain = zip(*(getattr(watch, name)[busy].tolist() for name in _PLAIN), strict=True)
    kinds = watch.kind[busy].tolist()
    rows = zip(busy.tolist(), kinds, now, past, plain, strict=True)
    return [Run(laws[kind], device, one, other, *rest) for device, kind, one, other, rest in rows]


def tallies_of(watch: Watch, busy: IntArray, prefix: str = "") -> list[Tally]:
    """Return what is remembered of the runs of the devices at ``busy``, or of the incidents before."""
    columns = (getattr(watch, prefix + name)[busy].tolist() for name in _TALLY)
    shares = getattr(watch, f"{prefix}shares")[busy]
    return [Tally(*(*row, own)) for row, own in zip(zip(*columns, strict=True), shares, strict=True)]


def saved(watch: Watch, busy: IntArray, runs: Sequence[Run]) -> Watch:
    """Return ``watch`` with what is to be remembered of ``runs``, those of the devices at ``busy``."""
    columns: dict[str, Any] = {name: [getattr(run, name) for run in runs] for name in _PLAIN}
    columns |= _columns([run.now for run in runs])
    past = [run.past for run in runs]
    merged = [k for k, one in enumerate(past) if one is not None]
    after = _put(watch, busy, columns)
    return _put(after, busy[merged], _columns([one for one in past if one is not None], "past_")) if merged else after


def tallied(watch: Watch, devices: IntArray, tallies: Sequence[Tally]) -> Watch:
    """Return ``watch`` with other tallies for some devices."""
    return _put(watch, devices, _columns(tallies))


def _columns(tallies: Sequence[Tally], prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {prefix + name: [getattr(one, name) for one in tallies] for name in _TALLY}
    return found | {f"{prefix}shares": [one.shares for one in tallies]}


def _put(watch: Watch, devices: IntArray, columns: dict[str, Any]) -> Watch:
    whole = vars(watch) | {name: getattr(watch, name).copy() for name in columns}
    for name, column in columns.items():
        whole[name][devices] = np.array(column, whole[name].dtype)
    return Watch(**whole)
