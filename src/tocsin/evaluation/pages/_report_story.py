"""The verdict in plain words, and the figures that stand beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tocsin.core.alerts import Incident, grade
from tocsin.core.arrays import NEVER
from tocsin.core.relations import broken
from tocsin.core.verdicts import Status
from tocsin.evaluation.metrics.points import false_alarms_per_day
from tocsin.evaluation.pages import _report_words as words
from tocsin.evaluation.pages._report_facts import Report


@dataclass(frozen=True)
class Story:
    """What an operator should take away.

    Parameters
    ----------
    tone
        "calm", "alarm" or "unsure": colours the headline.
    headline, detail
        The verdict, and a sentence or two on what it rests on.
    """

    tone: str
    headline: str
    detail: str


@dataclass(frozen=True)
class Card:
    """One key figure with its name and a remark."""

    name: str
    figure: str
    remark: str = ""
    tone: str = ""


MOST = 0.5
"""Share of readings with a score below which "no incidents" says little."""


def story(report: Report) -> Story:
    """Return the verdict in plain words."""
    if not (report.verdicts.status == Status.ok).any():
        return Story("unsure", "No reading could be scored", _why_unscored(report))
    covered = f" in {words.roughly(span(report), row_clock=report.row_clock)}" if span(report) > 0 else ""
    if not report.incidents:
        return Story("calm", f"No incidents{covered}", _calm_detail(report))
    amount = words.count(len(report.incidents), "incident") + _grouping(report)
    still = sum(incident.open for incident in report.incidents)
    ongoing = f", {'' if len(report.incidents) == 1 else f'{still} '}still open" if still else ""
    return Story("alarm", f"{amount}{covered}{ongoing}", _worst_detail(report))


def cards(report: Report) -> list[Card]:
    """Return the key figures, most telling first."""
    told = [_incident_card(report), _alarm_time_card(report)] if report.incidents else [_incident_card(report)]
    found = [*told, _anomaly_card(report), _scored_card(report), _size_card(report)]
    if report.metrics is not None:
        found += _label_cards(report)
    return found


def extent(report: Report) -> tuple[int, int] | None:
    """Return the first and the last readable time in ns, or row; None where no time could be read."""
    known = report.time[report.time != NEVER]
    return (int(known.min()), int(known.max())) if len(known) else None


def span(report: Report) -> int:
    """Return how long the readings reach, in ns, or the number of rows where those are the clock."""
    reach = extent(report)
    return reach[1] - reach[0] + int(report.row_clock) if reach else 0


def status_counts(report: Report) -> list[tuple[Status, int]]:
    """Return how many readings have each status; ``ok`` always, the others where they occur."""
    counts = np.bincount(report.verdicts.status, minlength=len(Status))
    return [(status, int(counts[status])) for status in Status if counts[status] or status is Status.ok]


def lasting(report: Report, incident: Incident) -> str:
    """Return how long an incident lasted."""
    length = incident.end - incident.start + int(report.row_clock)
    return words.duration(length, row_clock=report.row_clock)


def causes(report: Report, incident: Incident) -> list[tuple[str, float]]:
    """Return the channels with their shares of an incident, largest first; empty where unattributed."""
    pairs = zip(report.schema.names, incident.shares, strict=False)
    return sorted(((name, share) for name, share in pairs if share > 0), key=lambda pair: -pair[1])


def _grouping(report: Report) -> str:
    """Return in how many groups the incidents are, where that is fewer."""
    groups = len(set(report.groups))
    return f" in {words.count(groups, 'group')}" if 0 < groups < len(report.incidents) else ""


def _held(report: Report) -> str:
    """Return how many incidents were held back, as a sentence; nothing for none."""
    if not report.held:
        return ""
    were = "was" if len(report.held) == 1 else "were"
    amount = words.count(len(report.held), "incident")
    return f" {amount} in quiet hours or maintenance {were} held back."


def _worst_detail(report: Report) -> str:
    return _worst(report) + _held(report)


def _worst(report: Report) -> str:
    worst = max(report.incidents, key=lambda incident: incident.severity)
    when = words.moment(worst.peak, row_clock=report.row_clock, long=True)
    where = f" on {report.devices[worst.device]}" if len(report.devices) > 1 else ""
    only = "It peaked" if len(report.incidents) == 1 else "The worst peaked"
    above = f", {words.times(worst.severity)} its limit" if math.isfinite(worst.severity) else ""
    text = f"{only} {'at' if report.row_clock else 'on'} {when}{where}{above}"
    blamed = causes(report, worst)
    if not blamed:
        return f"{text}."
    name, share = blamed[0]
    relation = "" if worst.outside else broken(report.relations, report.schema.names, worst.shares)
    why = f": {relation}" if relation else ""
    blame = "mostly" if share >= 0.5 else "first of all"
    if worst.outside:
        return f"{text}, {blame} {name}, outside its expected range."
    return f"{text}, {blame} {name} ({100 * share:.0f}\u00a0% of the score){why}."


def _calm_detail(report: Report) -> str:
    flagged = int(np.count_nonzero(report.verdicts.anomaly))
    if not flagged:
        return f"No reading rose above the limit.{_few(report)}{_held(report)}"
    rose = "1 reading rose" if flagged == 1 else f"{flagged:,} readings rose"
    if report.held:
        return f"{rose} above the limit.{_held(report)}"
    return f"{rose} above the limit, but not for long enough to tell, or not in a way that matters."


def _few(report: Report) -> str:
    """Say so where silence means little, because few readings could be judged."""
    scored = float(np.mean(report.verdicts.status == Status.ok))
    return f" But only {100 * scored:.2g}\u00a0% of the readings got a score." if scored < MOST else ""


def _why_unscored(report: Report) -> str:
    if not len(report.time):
        return "There are no readings."
    status, amount = max(status_counts(report), key=lambda pair: pair[1])
    return f"Most readings are marked {status.name} ({amount:,} of {len(report.time):,}): see the notes on quality."


def _incident_card(report: Report) -> Card:
    if not report.incidents:
        return Card("Incidents", "0", "none told", "calm")
    worst = max(incident.severity for incident in report.incidents)
    still = sum(incident.open for incident in report.incidents)
    told = grade(worst, report.grades)
    remark = f"worst {told}, {words.times(worst)} the limit" + (f", {still} open" if still else "")
    return Card("Incidents", f"{len(report.incidents):,}", remark, "alarm")


def _alarm_time_card(report: Report) -> Card:
    rows = words.percent(np.count_nonzero(report.verdicts.told) / max(len(report.time), 1))
    if report.row_clock:
        return Card("Readings under alarm", rows, words.count(int(np.count_nonzero(report.verdicts.told)), "reading"))
    total = sum(incident.end - incident.start for incident in report.incidents)
    return Card("Time under alarm", words.duration(total), f"{rows} of the readings")


def _anomaly_card(report: Report) -> Card:
    flagged = int(np.count_nonzero(report.verdicts.anomaly))
    scored = int(np.count_nonzero(report.verdicts.status == Status.ok))
    return Card("Above the limit", f"{flagged:,}", f"{words.percent(flagged / max(scored, 1))} of scored readings")


def _scored_card(report: Report) -> Card:
    scored = int(np.count_nonzero(report.verdicts.status == Status.ok))
    left = len(report.time) - scored
    remark = f"{words.count(left, 'reading')} without a score" if left else "every reading"
    return Card("Scored", words.percent(scored / max(len(report.time), 1)), remark)


def _size_card(report: Report) -> Card:
    devices = len(np.unique(report.device))
    extent = words.count(len(report.schema), "channel")
    return Card("Readings", f"{len(report.time):,}", extent + (f", {devices:,} devices" if devices > 1 else ""))


def _label_cards(report: Report) -> list[Card]:
    assert report.metrics is not None
    parts = f"precision {words.percent(report.metrics.precision)}, recall {words.percent(report.metrics.recall)}"
    found = [Card("F1 against labels", words.percent(report.metrics.f1), parts)]
    rate = _false_rate(report)
    if rate is not None:
        found.append(Card("False alarms", words.number(round(rate, 2)), "a day, by the labels"))
    return found


def _false_rate(report: Report) -> float | None:
    known = report.time != NEVER
    if report.labels is None or report.row_clock:
        return None
    told = report.verdicts.told
    return false_alarms_per_day(told[known], report.labels[known], time=report.time[known], device=report.device[known])
