"""The evaluation in a headline, and the figures that stand beside it."""

from __future__ import annotations

from tocsin.evaluation.judgement import Judgement
from tocsin.evaluation.pages import _report_words as words
from tocsin.evaluation.pages._report_story import Card, Story


def story(judgement: Judgement) -> Story:
    """Return what a reader should take away; the tone says whether anything was judged, not how good it is."""
    alarms = judgement.alarms
    if alarms is None:
        return Story("plain", f"VUS-PR {_figure(judgement.vus_pr)}", _ranking(judgement))
    told = f"{alarms.caught:,} of {words.count(alarms.events, 'labelled event')} told"
    rate = judgement.false_alarms_per_day if (judgement.days or 0) >= 1 else None
    false = words.count(alarms.false_alarms, "false alarm")
    often = f", {words.number(round(rate, 2))} false alarms a day" if rate is not None else f", {false}"
    return Story("plain", told + often, f"{_lateness(judgement)} {_ranking(judgement)}".strip())


def cards(judgement: Judgement) -> list[Card]:
    """Return the key figures: what people hear, then flags, then scores, each beside what chance reaches."""
    found = []
    if judgement.alarms is not None and judgement.points is not None:
        alarms, points = judgement.alarms, judgement.points
        caught = f"{alarms.caught:,} of {words.count(alarms.events, 'event')}"
        true = f"{alarms.alarms - alarms.false_alarms:,} of {words.count(alarms.alarms, 'alarm')}"
        everything = f"flagging everything: {_figure(judgement.chance.get('f1_all_ones'))}"
        found += [
            Card("Event recall", words.percent(alarms.recall), caught),
            Card("Event precision", words.percent(alarms.precision), true),
            Card("F1", _figure(points.f1), everything),
        ]
    found += [
        Card("VUS-PR", _figure(judgement.vus_pr), f"chance: {_figure(judgement.chance.get('vus_pr'))}"),
        Card("AUC-PR", _figure(judgement.auc_pr), f"chance: {_figure(judgement.base_rate)}"),
        Card("ROC-AUC", _figure(judgement.roc_auc), "chance: 0.500"),
    ]
    return found


def _lateness(judgement: Judgement) -> str:
    alarms = judgement.alarms
    if alarms is None or alarms.median_delay is None:
        return ""
    seconds = alarms.median_delay_s
    late = f"{alarms.median_delay:g} readings" if seconds is None else words.duration(round(seconds * 1e9))
    if alarms.caught == 1:
        return f"It was told {f'{late} after' if alarms.median_delay else 'at'} its start."
    if not alarms.median_delay:
        return "Half of those told were told at their first reading."
    return f"Half of those told were told within {late} of their start."


def _ranking(judgement: Judgement) -> str:
    if judgement.vus_pr is None:
        return ""
    return (
        f"By the scores alone, whatever the limit, VUS-PR is {_figure(judgement.vus_pr)}, where chance reaches "
        f"{_figure(judgement.chance.get('vus_pr'))}."
    )


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
