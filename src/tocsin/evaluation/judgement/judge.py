"""The judgement: everything that can be said of one outcome, counted once, so that every table tells the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from tocsin.evaluation.events import EventRecall
from tocsin.evaluation.judgement import _judging as judging
from tocsin.evaluation.judgement._intervals import intervals_of
from tocsin.evaluation.judgement.agreement import Agreement
from tocsin.evaluation.metrics import (
    EventMetrics,
    Interval,
    PointMetrics,
    average_precision,
    point_metrics,
    roc_auc,
)
from tocsin.evaluation.outcome import Outcome

Figures = dict[str, float | int | None]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """How good scores, flags and alarms were, against labels.

    Three things are judged, and each figure says which: the **score** (no limit enters), the **flags** (is the score
    above the limit?) and the **alarms** (what the policy told, which is what people hear). Readings without a score are
    left out of everything, and counted. None stands for what is not defined or not known.

    Parameters
    ----------
    readings, devices
        What was judged.
    labelled
        Scored readings that are labelled anomalous.
    points
        Flags against labels, reading by reading; None where nothing was flagged because nobody gave a limit.
    alarms, flags
        Events and alarms, of what was told and of what lay above the limit; None likewise.
    days
        From the first reading to the last, in days; None without a clock.
    alarm_share
        Share of the scored readings that lie in an alarm told. One endless alarm catches every event and is never
        false: figures that count events mean something only beside this.
    false_alarms_per_day
        Alarms told that touch no labelled reading, over all devices; None without a clock.
    roc_auc, auc_pr
        Of the scores of all devices together.
    vus_roc, vus_pr
        Mean over the devices with labelled events, with buffers of up to ``vus_window`` readings.
    vus_window
        Readings; the median length of a labelled event unless another was asked for.
    ranges, affiliation
        Flags against labelled events, mean over the devices with labelled events.
    point_adjusted_f1_inflated
        Shown to be recognised, never to be believed.
    chance
        What chance reaches on the same labels. ``vus_pr``: a random score. ``f1``, ``affiliation_f1`` and
        ``point_adjusted_f1_inflated``: random flags, as many as these. ``f1_all_ones``: flagging everything.
    kinds, kinds_told
        Events caught by kind and size, by the flags and by the alarms; None where kinds are not known.
    intervals
        95 % intervals by the names of :meth:`flat`; empty unless asked for.
    """

    readings: int
    devices: int
    labelled: int
    points: PointMetrics | None
    alarms: EventMetrics | None
    flags: EventMetrics | None
    events: int
    days: float | None
    alarm_share: float | None
    false_alarms_per_day: float | None
    roc_auc: float | None
    auc_pr: float | None
    vus_roc: float | None
    vus_pr: float | None
    vus_window: int
    ranges: Agreement | None
    affiliation: Agreement | None
    point_adjusted_f1_inflated: float | None
    scored: int
    left_out_labelled: int
    chance: Mapping[str, float | None] = field(default_factory=dict)
    kinds: tuple[EventRecall, ...] | None = None
    kinds_told: tuple[EventRecall, ...] | None = None
    intervals: Mapping[str, Interval] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        """Readings without a score."""
        return self.readings - self.scored

    @property
    def base_rate(self) -> float | None:
        """Share of the scored readings that are labelled: the AUC-PR of a random score."""
        return self.labelled / self.scored if self.scored else None

    def flat(self) -> Figures:
        """Return the figures by stable names, as tables use them: ints and floats, None where there is none."""
        return {
            **_points(self.points),
            **_events(self.alarms, ""),
            **_events(self.flags, "_by_flags"),
            "events": self.events,
            "alarm_share": self.alarm_share,
            "false_alarms_per_day": self.false_alarms_per_day,
            "delay_readings": None if self.alarms is None else self.alarms.median_delay,
            "delay_s": None if self.alarms is None else self.alarms.median_delay_s,
            **{name: getattr(self, name) for name in ("roc_auc", "auc_pr", "base_rate")},
            **{name: getattr(self, name) for name in ("vus_roc", "vus_pr", "vus_window")},
            **_agreement(self.ranges, "range"),
            **_agreement(self.affiliation, "affiliation"),
            "point_adjusted_f1_inflated": self.point_adjusted_f1_inflated,
            **{name: getattr(self, name) for name in ("readings", "scored", "left_out", "left_out_labelled")},
            "labelled": self.labelled,
            "devices": self.devices,
            "days": self.days,
        }

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain values, ready for JSON."""
        return {
            "metrics": self.flat(),
            "intervals": {name: asdict(found) for name, found in self.intervals.items()},
            "chance": dict(self.chance),
            "delays": {
                "readings": [] if self.alarms is None else list(self.alarms.delays),
                "seconds": [] if self.alarms is None else [ns / 1e9 for ns in self.alarms.delays_ns],
            },
            "kinds": _kinds(self.kinds),
            "kinds_told": _kinds(self.kinds_told),
        }


def _points(found: PointMetrics | None) -> Figures:
    names = ("precision", "recall", "f1", "accuracy", "false_positive_rate", "false_negative_rate")
    return {
        **{name: None if found is None else getattr(found, name) for name in names},
        "true_positives": None if found is None else found.tp,
        "false_positives": None if found is None else found.fp,
        "false_negatives": None if found is None else found.fn,
        "true_negatives": None if found is None else found.tn,
    }


def _events(found: EventMetrics | None, suffix: str) -> Figures:
    named = {"event_precision": "precision", "event_recall": "recall", "event_f1": "f1"}
    counted = {"events_caught": "caught", "alarms": "alarms", "false_alarms": "false_alarms"}
    return {
        f"{name}{suffix}": None if found is None else getattr(found, own) for name, own in (named | counted).items()
    }


def _agreement(found: Agreement | None, prefix: str) -> Figures:
    return {
        f"{prefix}_{name}": None if found is None else getattr(found, name) for name in ("precision", "recall", "f1")
    }


def _kinds(found: tuple[EventRecall, ...] | None) -> list[dict[str, Any]] | None:
    return None if found is None else [asdict(row) | {"recall": row.recall} for row in found]


def judge(
    outcome: Outcome,
    *,
    window: int | None = None,
    intervals: bool = False,
    seed: int = 0,
    flagged: bool | None = None,
) -> Judgement:
    """Return everything that can be said of an outcome.

    Parameters
    ----------
    outcome
        In order of time within each device. Readings without a score are left out, and their neighbours move together.
    window
        Readings of the buffers of VUS; None for the median length of a labelled event, 250 at most.
    intervals
        Add 95 % intervals: a bootstrap over blocks of readings, and Wilson's interval for what counts events. Takes
        some hundred times as long.
    seed
        Of the bootstrap, and of random scores and flags.
    flagged
        Do the flags mean anything? False leaves out all that needs them; None: yes, if there is any flag or limit.

    Examples
    --------
    >>> import numpy as np
    >>> labels = np.array([False] * 6 + [True] * 2 + [False] * 2)
    >>> score = np.array([1, 1, 2, 1, 1, 1, 3, 9, 4, 1.0])
    >>> flags = score > 2.5
    >>> judged = judge(Outcome(labels=labels, score=score, anomaly=flags, told=flags, limit=np.full(10, 2.5),
    ...                        time=np.arange(10) * 10**9, device=np.zeros(10, int)))
    >>> {name: judged.flat()[name] for name in ("precision", "recall", "event_recall", "roc_auc")}
    {'precision': 0.6666666666666666, 'recall': 1.0, 'event_recall': 1.0, 'roc_auc': 0.9375}
    """
    scored = outcome.take(outcome.scored)
    means = bool(outcome.anomaly.any() or outcome.told.any() or np.isfinite(outcome.limit).any())
    with_flags = means if flagged is None else flagged
    window = judging.typical_event(scored) if window is None else window
    vus_roc, vus_pr = judging.volumes(scored, window)
    return Judgement(
        readings=len(outcome),
        scored=len(scored),
        left_out_labelled=int(np.count_nonzero(outcome.labels)) - int(np.count_nonzero(scored.labels)),
        devices=len(np.unique(outcome.device)),
        labelled=int(np.count_nonzero(scored.labels)),
        events=judging.event_count(scored),
        days=judging.days_of(outcome),
        roc_auc=roc_auc(scored.labels, scored.score),
        auc_pr=average_precision(scored.labels, scored.score),
        vus_roc=vus_roc,
        vus_pr=vus_pr,
        vus_window=window,
        **(_of_flags(outcome, scored) if with_flags else _NO_FLAGS),
        chance={
            **judging.chance_of_score(scored, window, seed=seed),
            **(judging.chance_of_flags(scored, seed=seed) if with_flags else {}),
        },
        intervals=intervals_of(outcome, window=window, with_flags=with_flags, seed=seed) if intervals else {},
    )


def _of_flags(outcome: Outcome, scored: Outcome) -> dict[str, Any]:
    """Return the fields of a judgement that need flags."""
    alarms, days = judging.events_of(outcome, outcome.told), judging.days_of(outcome)
    return {
        "points": point_metrics(outcome.labels, outcome.anomaly, scored=outcome.scored),
        "alarms": alarms,
        "flags": judging.events_of(outcome, outcome.anomaly),
        "alarm_share": float(scored.told.mean()) if len(scored) else None,
        "false_alarms_per_day": alarms.false_alarms / days if days else None,
        "ranges": judging.ranges_of(scored),
        "affiliation": judging.affiliation_of(scored),
        "point_adjusted_f1_inflated": judging.inflated_of(scored, scored.anomaly),
        "kinds": judging.kinds_of(outcome, outcome.anomaly),
        "kinds_told": judging.kinds_of(outcome, outcome.told),
    }


_NO_FLAGS: dict[str, Any] = dict.fromkeys(
    (
        "points",
        "alarms",
        "flags",
        "alarm_share",
        "false_alarms_per_day",
        "ranges",
        "affiliation",
        "point_adjusted_f1_inflated",
    )
)
