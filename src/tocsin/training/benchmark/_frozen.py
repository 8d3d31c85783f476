"""What a user lives with: flags and alarms at a limit that was frozen before the judged readings were seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tocsin.evaluation.metrics import average_precision, dominant_period, event_metrics, point_metrics, roc_auc, vus_pr
from tocsin.evaluation.metrics.points import NS_PER_DAY
from tocsin.evaluation.outcome import Outcome
from tocsin.training.benchmark._contract import Case, Column, Facts, Run, Sheet

COLUMNS = (
    Column("vus_pr", "VUS-PR", "of the scores, no limit enters; mean over the cases with something to find"),
    Column("auc_pr", "AUC-PR", "of the scores; a random score reaches the base rate"),
    Column("base_rate", "base rate", "share of the judged readings that are labelled, mean over the cases", rises=None),
    Column("f1", "F1", "of flags, reading by reading, at a limit found before"),
    Column("precision", "precision", "share of flagged readings that are labelled"),
    Column("recall", "recall", "share of labelled readings that are flagged"),
    Column("false_positive_rate", "FPR", "share of normal readings that are flagged", rises=False),
    Column("events_caught", "events caught", "share of labelled events that an alarm touches"),
    Column("event_f1", "event F1", "of the alarms that the policy told, against labelled events"),
    Column("false_alarms_per_day", "false alarms / day", "alarms told that touch no event", 2, rises=False),
    Column("delay", "delay, readings", "median from an event's start to its first told reading", 0, rises=False),
    Column("roc_auc", "ROC-AUC", "of the scores; a random score reaches .5"),
)

RULES = (
    "The limit was found on the readings learned from, and then frozen; no F1 is that of the best limit in hindsight.",
    "A judged reading without a score counts as not flagged, and ranks lowest; a case that failed counts as if nothing "
    "had been found.",
    "Detectors tell alarms by the usual policy, three flags in a row; the baselines have none, and each flag is told.",
    "Whoever rings all the time catches every event, with a single alarm that is not false: figures of events say "
    "something only beside FPR.",
)


def frozen_facts(case: Case, outcome: Outcome) -> Facts:
    """Return counts and ranking figures of the judged readings of one case.

    Parameters
    ----------
    case
        Says which readings are judged, and the window of VUS.
    outcome
        Of all readings of the case.
    """
    said = complete(outcome).take(case.judged)
    every = np.ones(len(said), np.bool_)
    points = point_metrics(said.labels, said.anomaly, scored=every)
    alarms = event_metrics(
        said.labels, said.told, scored=every, time=said.time, device=said.device, row_clock=said.row_clock
    )
    both = said.labels.any() and not said.labels.all()
    return {
        **{name: getattr(points, name) for name in ("tp", "fp", "fn", "tn")},
        **{name: getattr(alarms, name) for name in ("events", "caught", "alarms", "false_alarms")},
        "delays": [int(delay) for delay in alarms.delays],
        "days": _days(said),
        "unscored": int(np.count_nonzero(~outcome.scored[case.judged])),
        "vus_pr": vus_pr(said.labels, said.score, window_of(case)) if both else None,
        "auc_pr": average_precision(said.labels, said.score) if both else None,
        "roc_auc": roc_auc(said.labels, said.score) if both else None,
    }


def complete(outcome: Outcome) -> Outcome:
    """Return the outcome with the lowest score where there is none, so that nobody gains by saying nothing."""
    lowest = float(outcome.score[outcome.scored].min()) if outcome.scored.any() else 0.0
    return replace(outcome, score=np.where(outcome.scored, outcome.score, lowest))


def window_of(case: Case) -> int:
    """Return the readings of the buffers of VUS: the case's own, or the period of its first channel."""
    if case.window is not None:
        return case.window
    return dominant_period(np.nan_to_num(case.table.readings.values[:, 0]))


def frozen_sheet(title: str, *, remarks: Sequence[str] = (), group: str | None = None, name: str = "frozen") -> Sheet:
    """Return the table over :func:`frozen_facts`: counts pooled over the cases, ranking figures averaged."""
    return Sheet(name, title, COLUMNS, measure, (*RULES, *remarks), paired="vus_pr", group=group)


def measure(runs: Sequence[Run]) -> dict[str, float | None]:
    """Return the figures of one row: counts of all cases pooled, ranking figures averaged over those with anomalies."""
    tp, fp, fn, tn = (sum(counted(run, name) for run in runs) for name in ("tp", "fp", "fn", "tn"))
    events, caught, alarms, false = (
        sum(counted(run, name) for run in runs) for name in ("events", "caught", "alarms", "false_alarms")
    )
    days = [run.facts.get("days") for run in runs if run.facts]
    delays = [delay for run in runs for delay in run.facts.get("delays", ())]
    return {
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "false_positive_rate": ratio(fp, fp + tn),
        "event_f1": _harmonic(ratio(alarms - false, alarms), ratio(caught, events)),
        "events_caught": ratio(caught, events),
        "false_alarms_per_day": false / sum(days) if days and all(days) else None,  # type: ignore[arg-type]  # all known
        "delay": float(np.median(delays)) if delays else None,
        **{name: average(runs, name) for name in ("vus_pr", "auc_pr", "roc_auc")},
        "base_rate": _mean_base_rate(runs),
    }


def average(runs: Sequence[Run], name: str) -> float | None:
    """Return the mean of a fact over the cases that have anomalies to find; a failure counts 0."""
    told = [float(run.facts.get(name) or 0.0) for run in runs if run.facts.get(name) is not None or _could(run)]
    return float(np.mean(told)) if told else None


def _mean_base_rate(runs: Sequence[Run]) -> float | None:
    found = [float(run.case.labels[run.case.judged].mean()) for run in runs]
    return float(np.mean([base for base in found if 0 < base < 1])) if any(0 < base < 1 for base in found) else None


def ratio(part: float, whole: float) -> float | None:
    """Return part / whole, None where there is nothing to divide by."""
    return part / whole if whole else None


def base_rate(cases: Sequence[Case]) -> float:
    """Return the share of judged readings that are labelled, of all cases together."""
    judged = np.concatenate([case.labels[case.judged] for case in cases])
    return float(judged.mean())


def trap_of(cases: Sequence[Case]) -> str:
    """Return the remark on what flagging everything would score."""
    base = base_rate(cases)
    return (
        f"Of the judged readings {base:.1%} are labelled; flagging all of them scores F1 = {2 * base / (1 + base):.3f}."
    ).replace("%", " %")


def _could(run: Run) -> bool:
    return bool(run.failure) and bool(run.case.labels[run.case.judged].any())


def counted(run: Run, name: str) -> int:
    """Return a count of a run; of one that failed, that of a method which says nothing."""
    if run.facts:
        return int(run.facts[name])
    labels = run.case.labels[run.case.judged]
    silent = {"fn": int(labels.sum()), "tn": int((~labels).sum()), "events": _events(labels)}
    return silent.get(name, 0)


def _events(labels: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    return int(np.count_nonzero(labels & ~np.append(False, labels[:-1])))


def _days(said: Outcome) -> float | None:
    """Return the days covered, of all devices together; None where rows are the clock."""
    if said.row_clock or not len(said):
        return None
    spans = [np.ptp(said.time[said.device == device]) for device in np.unique(said.device)]
    return float(sum(spans)) / NS_PER_DAY


def _harmonic(precision: float | None, recall: float | None) -> float | None:
    if recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0
