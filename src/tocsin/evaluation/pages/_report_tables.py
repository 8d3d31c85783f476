"""The parts of the page that are text and tables: they stand without any script, and print."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from tocsin.core.alerts import Incident, grade, incident_id
from tocsin.core.relations import broken
from tocsin.core.verdicts import Status
from tocsin.evaluation.pages import _report_words as words
from tocsin.evaluation.pages._report_facts import Report
from tocsin.evaluation.pages._report_story import Card, causes, lasting, status_counts
from tocsin.evaluation.pages._report_words import safe

MAX_INCIDENTS = 500
NAMED_CAUSES = 3
NAMED_SHARE = 0.05
NAMED_CHANNELS = 12

_STATUS_WORDS = {
    Status.ok: "scored",
    Status.warming: "warming up: the window was not full yet",
    Status.gap: "in a gap: a value was missing for too long",
    Status.late: "late: came after its time was closed, or twice",
    Status.invalid: "invalid: a time that cannot be",
    Status.stale: "stale: the device was silent",
    Status.off: "off by rule",
}


def card_list(found: Iterable[Card]) -> str:
    """Return the key figures as cards."""
    return "".join(
        f'<div class="card {safe(card.tone)}"><dt>{safe(card.name)}</dt><dd>{safe(card.figure)}</dd>'
        f"<p>{safe(card.remark)}</p></div>"
        for card in found
    )


def callouts(notes: Iterable[tuple[str, str]]) -> str:
    """Return (level, sentence) pairs as a list with a coloured mark each."""
    rows = "".join(f'<li class="note {_level(level)}">{safe(text)}</li>' for level, text in notes)
    return f'<ul class="notes">{rows}</ul>' if rows else ""


def incident_table(report: Report) -> str:
    """Return the incidents, in order of time, those held back among them; a row zooms the charts."""
    all_of_them = (*report.incidents, *report.held)
    if not all_of_them:
        return '<p class="empty">No incidents were told.</p>'
    worst = sorted(all_of_them, key=lambda incident: (incident.held, -incident.severity))[:MAX_INCIDENTS]
    kept = sorted(worst, key=lambda incident: incident.start)
    top = max(_finite(incident.severity) for incident in worst)
    groups = dict(zip(report.incidents, report.groups, strict=False))
    rows = "".join(_incident_row(report, incident, top, groups) for incident in kept)
    more = len(all_of_them) - len(kept)
    cut = f'<p class="muted">The {len(kept):,} worst are shown; {more:,} lesser ones are not.</p>' if more else ""
    heads = [("id", "Incident"), ("device", "Device"), ("start", "Start"), ("peak", "Peak"), ("end", "End")]
    heads += [("duration", "Duration"), ("severity", "Severity"), ("cause", "Cause")]
    heads += [("group", "Group")] if report.groups else []
    heads = [head for head in heads if head[0] != "device" or len(report.devices) > 1]
    head = "".join(
        f'<th scope="col"><button type="button" data-sort="{key}">{text}</button></th>' for key, text in heads
    )
    return (
        f'<div class="scroll"><table class="incidents"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>{cut}"
    )


def status_bar(report: Report) -> str:
    """Return what became of the readings, as a bar and a legend."""
    counts, rows = status_counts(report), max(len(report.time), 1)
    bar = "".join(
        f'<i class="s-{status.name}" style="flex-grow:{amount / rows:.6f}"></i>' for status, amount in counts if amount
    )
    legend = "".join(
        f'<li><i class="s-{status.name}"></i><b>{amount:,}</b> {_STATUS_WORDS[status]} '
        f'<span class="muted">{words.percent(amount / rows)}</span></li>'
        for status, amount in counts
    )
    return (
        f'<div class="statusbar" role="img" aria-label="Status of the readings">{bar}</div>'
        f'<ul class="legend">{legend}</ul>'
    )


def pairs(title: str, texts: Mapping[str, str]) -> str:
    """Return a titled list of names and texts; nothing where there are none. "warning" is set off."""
    shown = {name: text for name, text in texts.items() if name != "warning"}
    rows = "".join(f"<div><dt>{safe(name)}</dt><dd>{safe(text)}</dd></div>" for name, text in shown.items())
    warning = callouts([("warning", texts["warning"])]) if texts.get("warning") else ""
    body = f'<dl class="pairs">{rows}</dl>{warning}'
    return f'<section class="panel"><h3>{safe(title)}</h3>{body}</section>' if texts else ""


def sentences(title: str, texts: Iterable[str]) -> str:
    """Return a titled list of sentences; nothing where there are none."""
    rows = "".join(f"<li>{safe(text)}</li>" for text in texts)
    return f'<section class="panel"><h3>{safe(title)}</h3><ul class="why">{rows}</ul></section>' if rows else ""


def _incident_row(report: Report, incident: Incident, top: float, groups: Mapping[Incident, str]) -> str:
    device = report.devices[incident.device]
    name = incident_id(device, incident.start)
    cells = [f'<td data-value="{name}"><code>{name}</code></td>']
    if len(report.devices) > 1:
        cells.append(f'<td data-value="{safe(device)}"><bdi>{safe(device)}</bdi></td>')
    day = None
    for time in (incident.start, incident.peak, incident.end):
        text = words.moment(time, row_clock=report.row_clock, after=day)
        cells.append(f'<td class="when" data-value="{time}">{text}</td>')
        day = time
    if incident.held or incident.open:
        mark = '<span class="held">held back</span>' if incident.held else '<span class="open">still open</span>'
        cells[-1] = f'<td class="when" data-value="{incident.end}">{mark}</td>'
    cells.append(f'<td class="lasted" data-value="{incident.end - incident.start}">{lasting(report, incident)}</td>')
    cells += [_severity_cell(report, incident, top), _cause_cell(report, incident)]
    if report.groups:
        cells.append(_group_cell(groups.get(incident, ""), report.groups))
    return f'<tr tabindex="0" title="Show in the charts" {_target(report, incident)}>{"".join(cells)}</tr>'


def _group_cell(group: str, groups: Sequence[str]) -> str:
    """Return the group as a number, in order of the first incidents, with its name to be found beneath."""
    number = list(dict.fromkeys(groups)).index(group) + 1 if group else 0
    return f'<td data-value="{number}" title="{safe(group)}">{number or "–"}</td>'


def _target(report: Report, incident: Incident) -> str:
    """Return where a click on the incident leads: device, stretch on the time axis, channels most to blame."""
    unit = 1.0 if report.row_clock else 1e6
    blamed = sorted(range(len(incident.shares)), key=lambda k: -incident.shares[k])[:NAMED_CHANNELS]
    return (
        f'data-device="{incident.device}" data-from="{incident.start / unit!r}" data-to="{incident.end / unit!r}" '
        f'data-blamed="{" ".join(map(str, blamed))}"'
    )


def _severity_cell(report: Report, incident: Incident, top: float) -> str:
    finite = _finite(incident.severity)
    length = 8 + 92 * math.log(max(finite, 1.0)) / math.log(max(top, 1.5)) if math.isfinite(incident.severity) else 100
    return (
        f'<td class="severity" data-value="{min(incident.severity, 1e300):.6g}">'
        f'<span class="bar"><i style="width:{min(length, 100):.1f}%"></i></span>{words.times(incident.severity)} '
        f'<span class="muted">{grade(incident.severity, report.grades)}</span></td>'
    )


def _cause_cell(report: Report, incident: Incident) -> str:
    blamed = causes(report, incident)
    if not blamed:
        return '<td class="cause muted" data-value="">unattributed</td>'
    named = [pair for k, pair in enumerate(blamed[:NAMED_CAUSES]) if k == 0 or pair[1] >= NAMED_SHARE]
    bars = "".join(f'<i class="c{k}" style="width:{100 * share:.1f}%"></i>' for k, (_, share) in enumerate(named))
    text = "".join(
        f'<span class="name"><i class="c{k}"></i><bdi>{safe(name)}</bdi> {100 * share:.0f}\u00a0%</span>'
        for k, (name, share) in enumerate(named)
    )
    relation = broken(report.relations, report.schema.names, incident.shares)
    relation = "outside the expected range" if incident.outside else relation
    told = f'<br><span class="muted">{safe(relation)}</span>' if relation else ""
    return f'<td class="cause" data-value="{safe(blamed[0][0])}"><span class="stack">{bars}</span>{text}{told}</td>'


def _finite(severity: float) -> float:
    return severity if math.isfinite(severity) else 1.0


def _level(level: str) -> str:
    return level if level in ("fatal", "warning", "info", "ok") else "info"
