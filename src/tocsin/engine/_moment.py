"""Which reading is meant: a time as people write it, an incident, or the worst there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from tocsin.core.alerts import Incident
from tocsin.core.arrays import NEVER, IntArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.verdicts import Status
from tocsin.engine.scored import Scored
from tocsin.prepare.clock import Clock
from tocsin.sources import Table

FEW = 5
"""Names listed in a message."""

_WHY = {
    Status.warming: "its window is not full yet (warming)",
    Status.gap: "its window holds a value that was missing for too long (gap)",
    Status.late: "it came late, after its time had been closed",
    Status.invalid: "its time cannot be right (invalid)",
    Status.stale: "the device was silent (stale)",
    Status.off: "the machine was off (off)",
}


@dataclass(frozen=True)
class Moment:
    """A verdict: its place among all of them (:attr:`Scored.bins`), and why it was chosen where nobody named it."""

    place: int
    why: str = ""


def find(scored: Scored, clock: Clock, *, at: str | None, device: str | None, incident: str | None) -> Moment:
    """Return the verdict that is meant.

    Parameters
    ----------
    scored
        What was scored.
    clock
        The artifact's, which knows in which bin a time lies.
    at
        A time as the table writes it, or in ISO 8601; a row's number where rows are the clock.
    device
        Its name; None for any.
    incident
        The id of an incident, whose beginning is meant. With neither, the beginning of the worst incident is.

    Raises
    ------
    InputError, SettingError
        If there is no such reading, or it has no score.
    """
    index = None if device is None else _device(scored.table, device)
    if at is not None and incident is not None:
        raise SettingError("A time and an incident were given.", remedy="Leave out --at or --incident.")
    if at is not None:
        return Moment(_scored(scored, _at(scored, clock, at, index)))
    if incident is not None:
        return Moment(_beginning(scored, _named(scored, incident)))
    return _worst(scored, index)


def _device(table: Table, name: str) -> int:
    if name in table.devices:
        return table.devices.index(name)
    if table.devices == ("-",):
        raise InputError("These readings name no devices.", remedy="Leave out --device, or say --device-column.")
    raise InputError(f"There is no device {name!r}.", remedy=f"Choose from: {_listed(table.devices)}.")


def _listed(names: tuple[str, ...] | list[str]) -> str:
    more = f" and {len(names) - FEW} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def _named(scored: Scored, name: str) -> Incident:
    for told in (*scored.incidents, *scored.held):
        if scored.id_of(told) == name:
            return told
    known = sorted(scored.incidents, key=lambda told: -told.severity)
    remedy = f"The worst are: {_listed([scored.id_of(told) for told in known])}." if known else "There is none at all."
    raise InputError(f"These readings have no incident {name!r}.", remedy=remedy)


def _beginning(scored: Scored, incident: Incident) -> int:
    """Return the place of an incident's first window: its peak is often where a fault ends, and puzzles people.

    An incident that a range began may have no score then; the peak has one.
    """
    bins = scored.bins
    own = (bins.device == incident.device) & (bins.status == Status.ok)
    first = np.flatnonzero(own & (bins.time == incident.start))
    return int(first[0] if len(first) else np.flatnonzero(own & (bins.time == incident.peak))[0])


def _worst(scored: Scored, device: int | None) -> Moment:
    own = [told for told in scored.incidents if device is None or told.device == device]
    if own:
        worst = max(own, key=lambda told: told.severity)
        told = f"It is the beginning of the worst of {len(own)} incidents." if own[1:] else ""
        return Moment(_beginning(scored, worst), told)
    severity = np.nan_to_num(scored.bins.severity, nan=-np.inf, posinf=np.finfo(np.float64).max)
    if device is not None:
        severity = np.where(scored.bins.device == device, severity, -np.inf)
    if not len(severity) or not np.isfinite(severity.max()):
        raise InputError("No reading has a score.", remedy="Give more readings; the statuses say why: tocsin score")
    return Moment(int(severity.argmax()), "There is no incident: this is the reading nearest to ringing.")


def _at(scored: Scored, clock: Clock, text: str, device: int | None) -> IntArray:
    """Return the places of the verdicts at a time, of one device."""
    bins, table = scored.bins, scored.table
    time = _read(table, text.strip())
    end = time if table.cadence.row_clock else clock.end_of(time)
    own = np.ones(len(bins), np.bool_) if device is None else bins.device == device
    found = np.flatnonzero(own & np.isin(bins.time, end))
    if not len(found):
        raise _nowhere(scored, text, int(time[0]), np.flatnonzero(own & (bins.time != NEVER)))
    names = [table.devices[k] for k in np.unique(bins.device[found])]
    if len(names) > 1:
        raise InputError(
            f"{len(names)} devices have a reading at {text}.", remedy=f"Say which: --device {_listed(names)}."
        )
    return found


def _read(table: Table, text: str) -> IntArray:
    """Return the times that ``text`` may mean, at least one."""
    if table.cadence.row_clock:
        return np.array([_row(text)])
    if len(same := _written(table, text)):
        return same
    try:
        when = datetime.fromisoformat(text.replace(" UTC", "Z"))
    except ValueError:
        example = str(table.columns[table.layout.time[0]][0]) if len(table.layout.time) == 1 else "2026-03-01T14:20"
        raise SettingError(f"{text!r} is no time.", remedy=f"Write it as the table does: --at {example!r}") from None
    return np.array([_nanoseconds(when if when.tzinfo else when.replace(tzinfo=_zone(table.layout.timezone)))])


def _row(text: str) -> int:
    number = text.removeprefix("row").strip().replace(",", "")
    if not number.isdigit():
        raise SettingError(f"{text!r} is no row.", remedy="The readings have no clock: give a row's number, --at 120")
    return int(number)


def _written(table: Table, text: str) -> IntArray:
    """Return the times of the input rows whose time is written exactly so."""
    names = table.layout.time
    columns = [table.columns[name].cast(str, strict=False).str.strip_chars() for name in names]
    if not columns:
        return np.zeros(0, np.int64)
    whole = columns[0] if len(columns) == 1 else columns[0] + " " + columns[1]
    reading = table.reading[np.flatnonzero((whole == text).fill_null(value=False).to_numpy())]
    time = table.readings.time[reading[reading >= 0]]
    return np.unique(time[time != NEVER])


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


def _nanoseconds(when: datetime) -> int:
    since = when.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 10**6 + since.microseconds) * 1000


def _nowhere(scored: Scored, text: str, time: int, own: IntArray) -> InputError:
    known = np.unique(scored.bins.time[own])
    if not len(known):
        return InputError("There are no readings.", remedy="Give readings of that device.")
    after = int(np.searchsorted(known, time))
    around = known[max(after - 1, 0) : after + 1]
    best = scored.stamps(around)[np.argmin(np.abs(around - time))]
    near, span = " and ".join(scored.stamps(around)), " to ".join(scored.stamps(known[[0, -1]]))
    where = f"the nearest are at {near}" if 0 < after < len(known) else f"they go from {span}"
    return InputError(f"There is no reading at {text}: {where}.", remedy=f"For example: --at {best}")


def _scored(scored: Scored, found: IntArray) -> int:
    """Return the one of some verdicts of a device and time that has a score."""
    bins = scored.bins
    if len(with_score := found[bins.status[found] == Status.ok]):
        return int(with_score[0])
    status, device = Status(bins.status[found[0]]), bins.device[found[0]]
    known = np.flatnonzero((bins.device == device) & (bins.status == Status.ok))
    remedy = "No reading of this device has one; see: tocsin score"
    if len(known):
        later = known[bins.time[known] > bins.time[found[0]]]
        nearest = later[0] if len(later) else known[-1]
        remedy = f"The nearest with a score: --at {scored.stamps(bins.time[[nearest]])[0]}"
    (when,) = scored.stamps(bins.time[found[:1]])
    raise InputError(f"The reading at {when} has no score: {_WHY[status]}.", remedy=remedy)
