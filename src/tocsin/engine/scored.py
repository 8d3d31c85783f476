"""A table after scoring: a verdict for each reading, the incidents, and the columns that go beside the input."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.alerting.groups import grouped
from tocsin.core.alerts import Incident, grade, incident_id
from tocsin.core.arrays import Float32Array
from tocsin.core.errors import InputError
from tocsin.core.relations import Relations, broken
from tocsin.core.verdicts import Status, Verdicts
from tocsin.sources import Table

TRUTH, ASIDE = "anomaly", "tocsin_anomaly"
"""A label column's usual name, which is also that of a verdict, and the name that the verdict then takes."""


ADDED = ("score", "limit", "severity", "anomaly", "status", "cause", "incident_id")
"""The columns that are put beside the input."""


@dataclass(frozen=True, eq=False)
class Scored:
    """What scoring made of a table.

    Parameters
    ----------
    table
        What was scored.
    verdicts
        One for each reading of the table, in its order; a reading takes the verdict of the bin that holds it.
    bins
        All verdicts, also of bins without readings.
    incidents
        Those told, in order of start; the last state of each.
    relations
        Which channels follow which, where the detector told.
    held
        Incidents that were held back, in quiet hours or during maintenance, and never told; in order of start.
    grades
        From which severity on an incident is major, and critical.
    together
        Incidents that open so soon after the first of a group belong to it, in the unit of the times; 0 for no groups.
    """

    table: Table
    verdicts: Verdicts
    bins: Verdicts
    incidents: tuple[Incident, ...]
    relations: Relations = ()
    held: tuple[Incident, ...] = ()
    grades: tuple[float, float] = (1.5, 3.0)
    together: int = 0

    def columns(self, *, shares: bool = False) -> dict[str, npt.NDArray[Any]]:
        """Return the columns to be put beside the input, one entry for each input row.

        ``score, limit, severity, anomaly, status, cause, incident_id``, and with ``shares`` one ``share_<channel>`` for
        each channel. ``anomaly`` says that the score is above the limit, ``incident_id`` what the policy told. Where
        the input has a column ``anomaly``, which will be the truth, ours is called ``tocsin_anomaly``.

        Raises
        ------
        InputError
            If the input has a column of another of these names.
        """
        verdicts = self.verdicts
        columns: dict[str, npt.NDArray[Any]] = {
            "score": self._by_row(verdicts.score, np.nan),
            "limit": self._by_row(verdicts.limit, np.nan),
            "severity": self._by_row(verdicts.severity, np.nan),
            "anomaly": self._by_row(verdicts.anomaly, False),
            "status": np.array([s.name for s in Status])[self._by_row(verdicts.status, Status.invalid)],
            "cause": self._by_row(self._causes(), ""),
            "incident_id": self._by_row(self._ids(), ""),
        }
        if shares:
            names = self.table.readings.schema.names
            columns |= {f"share_{n}": self._by_row(verdicts.by_channel[:, k], np.nan) for k, n in enumerate(names)}
        return self._named(columns)

    def taken(self, names: Iterable[str] = ADDED) -> list[str]:
        """Return which of our columns have a name that a column of the input has already."""
        own = set(self.table.columns.columns)
        return [ours for name in names if name in own and (ours := ASIDE if name == TRUTH else name) in own]

    def _named(self, columns: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Return the columns under names that the input has not taken."""
        if repeated := self.taken(columns):
            raise InputError(
                f"The input already has a column named {', '.join(repeated)}.",
                remedy="Rename or remove it, then run again.",
            )
        aside = TRUTH in self.table.columns.columns
        return {ASIDE if aside and name == TRUTH else name: column for name, column in columns.items()}

    def _by_row(self, column: npt.NDArray[Any], nothing: Any) -> npt.NDArray[Any]:
        """Return a column of readings for the input rows; ``nothing`` where a row belongs to no reading."""
        at = self.table.reading
        if (at >= 0).all():
            return column[at]
        return np.where(at >= 0, column[np.maximum(at, 0)], nothing)

    def incident_columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return the incidents as columns, in order of start, those that were held back among them.

        ``incident_id, device, start, peak, end, severity, grade, cause, state, group``. ``state`` is open, closed or
        held; ``group`` is the id of the first incident of those that rang together, "" for one that was held back, and
        where nobody asked for groups.
        """
        found = sorted((*self.incidents, *self.held), key=lambda i: (i.start, i.device))
        groups = dict(zip(self.incidents, self.groups_of(self.incidents), strict=True))
        return {
            "incident_id": np.array([self.id_of(i) for i in found], np.str_),
            "device": np.array([self.table.devices[i.device] for i in found], np.str_),
            "start": self.stamps(np.array([i.start for i in found], np.int64)),
            "peak": self.stamps(np.array([i.peak for i in found], np.int64)),
            "end": self.stamps(np.array([i.end for i in found], np.int64)),
            "severity": np.array([i.severity for i in found], np.float64),
            "grade": np.array([grade(i.severity, self.grades) for i in found], np.str_),
            "cause": np.array([self.cause_of(i.shares, outside=i.outside) for i in found], np.str_),
            "state": np.array(["held" if i.held else "open" if i.open else "closed" for i in found], np.str_),
            "group": np.array([groups.get(i, "") for i in found], np.str_),
        }

    def groups_of(self, incidents: Sequence[Incident]) -> list[str]:
        """Return the id of the first incident of each one's group; "" where nobody asked for groups."""
        first = grouped(incidents, self.table.devices, together_ns=self.together)
        return [self.id_of(incidents[k]) if self.together else "" for k in first]

    def cause_of(self, shares: tuple[float, ...], *, outside: bool = False) -> str:
        """Return in words what makes up a score, and which relation is broken where the detector knows of one.

        ``outside`` says that it is a value outside its expected range.
        """
        names = self.table.readings.schema.names
        if outside:
            return f"{cause_text(shares, names)}; outside the expected range"
        parts = (cause_text(shares, names), broken(self.relations, names, shares))
        return "; ".join(part for part in parts if part)

    def id_of(self, incident: Incident) -> str:
        """Return the name of an incident, the same wherever the readings are scored."""
        return incident_id(self.table.devices[incident.device], incident.start)

    def stamps(self, time: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
        """Return times as text: ISO 8601 in UTC, or the row's number where rows are the clock."""
        if self.table.cadence.row_clock:
            return time.astype(np.str_)
        texts = np.datetime_as_string(time.astype("datetime64[ns]"), unit="ms")
        return np.array([f"{text.removesuffix('.000')}Z" for text in texts.tolist()], np.str_)

    def _causes(self) -> npt.NDArray[np.str_]:
        causes = np.full(len(self.verdicts), "", object)
        for k in np.flatnonzero(self.verdicts.anomaly):
            causes[k] = self.cause_of(_relative(self.verdicts.by_channel[k]))
        return causes.astype(np.str_)

    def _ids(self) -> npt.NDArray[np.str_]:
        ids = np.full(len(self.verdicts), "", "U12")
        for k in np.flatnonzero(self.verdicts.told):
            name = self.table.devices[self.verdicts.device[k]]
            ids[k] = incident_id(name, int(self.verdicts.incident[k]))
        return ids


def cause_text(shares: tuple[float, ...], names: tuple[str, ...]) -> str:
    """Return the channels that make up most of a score, greatest first.

    >>> cause_text((0.1, 0.7, 0.2), ("light", "temperature", "humidity"))
    'temperature 70 %, humidity 20 %'
    >>> cause_text((), ("light",))
    'unattributed'
    """
    if not shares:
        return "unattributed"
    ranked = sorted(zip(shares, names, strict=True), key=lambda pair: -pair[0])
    told: list[str] = []
    sum_so_far = 0.0
    for share, name in ranked[:3]:
        if sum_so_far >= 0.9 - 1e-9 or (told and share < 0.1):
            break
        told.append(f"{name} {share:.0%}".replace("%", " %"))
        sum_so_far += share
    return ", ".join(told)


def _relative(shares: Float32Array) -> tuple[float, ...]:
    whole = float(shares.sum())
    return tuple((shares / whole).tolist()) if whole > 0 else ()
