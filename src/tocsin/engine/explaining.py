"""Why a reading rang: the verdict taken apart by channel, beside what was shown, expected and usual."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import numpy.typing as npt

from tocsin.artifact.artifact import Artifact
from tocsin.core.alerts import Incident, grade
from tocsin.core.errors import SettingError
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine._attributed import Attributed, Method, attribute
from tocsin.engine._explanation import SOURCES, Around, Explanation, Part, figure
from tocsin.engine._moment import Moment, find
from tocsin.engine._retraced import Retraced, retrace
from tocsin.engine._scene import scene_of
from tocsin.engine.scored import Scored
from tocsin.engine.scorer import Scorer
from tocsin.sources import Table

__all__ = ["SOURCES", "Around", "Explanation", "Method", "Part", "explain", "figure", "scene_of"]


def explain(
    scorer: Scorer,
    table: Table,
    *,
    at: str | None = None,
    device: str | None = None,
    incident: str | None = None,
    method: Method = "shares",
    seed: int = 0,
) -> Explanation:
    """Tell why a reading got its score.

    Parameters
    ----------
    scorer
        The trained alarm.
    table
        The readings, with enough before the one in question to fill its window.
    at
        The reading's time, as the table writes it or in ISO 8601; a row's number where rows are the clock.
    device
        Its device; needed where several have a reading at that time.
    incident
        The id of an incident, whose beginning is explained. With neither, it is that of the worst incident.
    method
        "shares": the detector's own, or by covering channels where it tells none. "gradients": integrated gradients,
        by reading and channel. "shap": Shapley values, by channel.
    seed
        Of the draw that "shap" makes where there are many channels.

    Raises
    ------
    InputError, SettingError
        If there is no such reading, device or incident, the reading has no score, or gradients cannot take it apart.
    """
    if method not in get_args(Method):
        raise SettingError(f"There is no method {method!r}.", remedy=f"Choose from: {', '.join(get_args(Method))}.")
    artifact, scored = scorer.artifact, scorer.judge(table)
    moment = find(scored, artifact.clock, at=at, device=device, incident=incident)
    bins = _bins_of(scored, int(scored.bins.device[moment.place]))
    readings = scorer.readings(table)
    retraced = retrace(artifact, readings.take(readings.device == scored.bins.device[moment.place]))
    place = int(np.searchsorted(bins.time, scored.bins.time[moment.place]))
    found = attribute(artifact, retraced.windows[place], method=method, seed=seed)
    case = _Case(artifact, scored, bins, retraced, place)
    return _explained(case, found, moment=moment, method=method)


@dataclass(frozen=True, eq=False)
class _Case:
    """A verdict among all of its device, in order of time: ``place`` is its own in ``bins`` and in ``retraced``."""

    artifact: Artifact
    scored: Scored
    bins: Verdicts
    retraced: Retraced
    place: int


def _bins_of(scored: Scored, device: int) -> Verdicts:
    """Return the verdicts of a device's bins in order of time, without readings that were turned away."""
    bins = scored.bins
    own = np.flatnonzero((bins.device == device) & (bins.status != Status.late) & (bins.status != Status.invalid))
    return bins.take(own[np.argsort(bins.time[own], kind="stable")])


def _explained(case: _Case, found: Attributed, *, moment: Moment, method: Method) -> Explanation:
    artifact, scored, bins, place = case.artifact, case.scored, case.bins, case.place
    told = _incident_at(scored, int(bins.device[place]), int(bins.time[place]))
    first = place + 1 - artifact.window
    return Explanation(
        device=scored.table.devices[int(bins.device[place])],
        time=str(scored.stamps(bins.time[[place]])[0]),
        score=float(bins.score[place]),
        limit=float(bins.limit[place]),
        severity=float(bins.severity[place]),
        incident=None if told is None else _facts(scored, told),
        detector=artifact.provenance.detector,
        method=method,
        source=found.source,
        base=found.base,
        parts=_parts(case, found),
        over_time=found.over_time,
        stamps=tuple(scored.stamps(bins.time[first : place + 1]).tolist()),
        notes=tuple(note for note in (moment.why, *found.notes) if note),
        around=_around(case, told),
    )


def _around(case: _Case, told: Incident | None) -> Around:
    bins = case.bins
    return Around(
        time=bins.time,
        values=case.retraced.values,
        expected=bins.expected.astype(np.float64),
        score=bins.score,
        limit=bins.limit,
        place=case.place,
        window=case.artifact.window,
        incident=None if told is None else (told.start, told.end),
        row_clock=case.scored.table.cadence.row_clock,
    )


def _incident_at(scored: Scored, device: int, time: int) -> Incident | None:
    """Return the incident that covers a time of a device."""
    every = (*scored.incidents, *scored.held)
    own = [told for told in every if told.device == device and told.start <= time <= told.end]
    return own[-1] if own else None


def _facts(scored: Scored, told: Incident) -> dict[str, Any]:
    start, peak, end = (str(stamp) for stamp in scored.stamps(np.array([told.start, told.peak, told.end])))
    return {
        "incident_id": scored.id_of(told),
        "start": start,
        "peak": peak,
        "end": end,
        "severity": told.severity,
        "grade": grade(told.severity, scored.grades),
        "cause": scored.cause_of(told.shares),
        "state": "held" if told.held else "open" if told.open else "closed",
    }


def _parts(case: _Case, found: Attributed) -> tuple[Part, ...]:
    """Return each channel's part; of what nobody knows, None."""
    artifact, n = case.artifact, len(case.artifact.schema)
    columns = zip(
        artifact.schema.channels,
        case.retraced.values[case.place].tolist(),
        artifact.reference.tolist(),
        _known(case.bins.expected[case.place], n),
        _known(artifact.band, n),
        _known(found.shares, n),
        _known(found.portions, n),
        strict=True,
    )
    return tuple(Part(*column) for column in columns)


def _known(values: npt.NDArray[Any], n: int) -> list[float | None]:
    """Return n numbers, None for those that are not known."""
    whole = values.astype(np.float64).tolist() or [math.nan] * n
    return [value if math.isfinite(value) else None for value in whole]
