"""One limit and one policy, and what they would have made of a history."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What people would have heard.

    Parameters
    ----------
    limit
        In units of the score; None where the limit moves.
    times
        The limit as a multiple of the one in force; where that one is not above 0, 1 more than how far it lies above.
    above
        Share of the normal scores above the limit.
    wait
        How many anomalous windows in a row open an incident, or for how long they must last: "3 windows", "10min".
    in_force
        Is it the artifact's own?
    incidents
        Incidents told.
    held
        Incidents held back, in quiet hours or during maintenance, and never told.
    false_alarms
        Alarms on windows without a labelled reading; all incidents where the history has no labels.
    after
        Alarms just after a labelled event, while windows still held some of it: neither false nor a catch; None without
        labels.
    rate
        False alarms of one device in one unit of the budget, such as a week.
    covered
        Share of the normal windows during which an alarm was told.
    kept
        Do they keep within the budget, without ringing most of the time?
    events, caught
        Labelled events with a score, and those of them that an alarm told of; None without labels.
    delay
        Readings from an event's start to its alarm, the median of those caught; None where there are none.
    delay_s
        The same in seconds; None where rows are the clock, too.
    """

    limit: float | None
    times: float
    above: float
    wait: str
    in_force: bool
    incidents: int
    held: int
    false_alarms: int
    rate: float
    covered: float
    kept: bool
    after: int | None = None
    events: int | None = None
    caught: int | None = None
    delay: float | None = None
    delay_s: float | None = None
