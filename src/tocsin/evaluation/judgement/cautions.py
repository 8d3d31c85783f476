"""What a reader must know before believing the figures of a judgement."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.evaluation.judgement import Judgement
from tocsin.evaluation.metrics.points import NS_PER_DAY
from tocsin.evaluation.pages._report_words import count, percent, roughly

DENSE = 0.10
"""Share of labelled readings from which flagging everything looks good."""
FEW_EVENTS = 10
COVERED = 0.5
"""Share of readings under alarm from which figures that count events mean little."""


def cautions(judgement: Judgement) -> tuple[str, ...]:
    """Return warnings in whole sentences, the gravest first; none where the figures can be taken as they are."""
    return (*_flags(judgement), *_labels(judgement), *_scores(judgement), *_left_out(judgement))


def _flags(judgement: Judgement) -> Iterator[str]:
    if judgement.points is None or judgement.alarms is None:
        return
    if (judgement.alarm_share or 0) > COVERED:
        yield (
            f"Alarms cover {percent(judgement.alarm_share)} of the readings, so figures that count events mean little: "
            "one endless alarm would catch every event."
        )
    caught, alarms = judgement.alarms.caught, judgement.alarms.alarms - judgement.alarms.false_alarms
    if caught > 2 * max(alarms, 1):
        yield (
            f"{count(alarms, 'alarm')} caught {count(caught, 'event')}: alarms span several events, and the time "
            "between them."
        )
    f1, everything = judgement.points.f1, judgement.chance.get("f1_all_ones")
    if f1 is not None and everything is not None and f1 <= everything:
        yield f"Flagging every reading would reach F1 {everything:.3f}; these flags reach {f1:.3f}."
    if judgement.days is not None and judgement.days < 1 and judgement.false_alarms_per_day is not None:
        covered = roughly(round(judgement.days * NS_PER_DAY))
        yield f"The readings cover {covered}: false alarms a day are an extrapolation."
    if not judgement.points.tp + judgement.points.fp:
        yield "No reading lies above the limit, so precision is not defined."


def _labels(judgement: Judgement) -> Iterator[str]:
    base = judgement.base_rate or 0.0
    if base > DENSE:
        yield (
            f"{percent(base)} of the readings are labelled: flagging everything would score F1 = "
            f"{2 * base / (1 + base):.3f}, and a random score AUC-PR = {base:.3f}. Read F1 beside the "
            "false-positive rate."
        )
    if judgement.events < FEW_EVENTS:
        are = "is" if judgement.events == 1 else "are"
        yield (
            f"There {are} only {count(judgement.events, 'labelled event')}: one more or less changes much, and every "
            "interval is rough."
        )


def _scores(judgement: Judgement) -> Iterator[str]:
    ranked = judgement.intervals.get("roc_auc")
    if judgement.roc_auc is not None and (ranked.high if ranked else judgement.roc_auc) < 0.5:
        yield (
            f"The score puts labelled readings below the others (ROC-AUC {judgement.roc_auc:.3f}): if it means the "
            "opposite, turn its sign."
        )
    if ranked is not None and ranked.low <= 0.5 <= ranked.high:
        yield (
            f"The score cannot be told from chance: the interval of ROC-AUC, {ranked.low:.3f} to {ranked.high:.3f}, "
            "holds .5."
        )


def _left_out(judgement: Judgement) -> Iterator[str]:
    if judgement.left_out_labelled:
        whole = judgement.left_out_labelled + judgement.labelled
        yield (
            f"{judgement.left_out_labelled:,} of {count(whole, 'labelled reading')} have no score; no figure speaks of "
            "them."
        )
