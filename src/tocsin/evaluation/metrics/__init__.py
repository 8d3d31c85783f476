"""How good were the scores and flags? One file per family of metrics; each is told with its source and its traps."""

from __future__ import annotations

from tocsin.evaluation.metrics.affiliation import AffiliationMetrics, affiliation_metrics
from tocsin.evaluation.metrics.counted import COUNTED, Counted
from tocsin.evaluation.metrics.event_wise import EventMetrics, event_metrics
from tocsin.evaluation.metrics.inflated import point_adjusted_f1_inflated
from tocsin.evaluation.metrics.interval import Interval, bootstrap
from tocsin.evaluation.metrics.period import dominant_period
from tocsin.evaluation.metrics.points import PointMetrics, false_alarms_per_day, flagged_runs, point_metrics
from tocsin.evaluation.metrics.ranges import RangeMetrics, range_metrics
from tocsin.evaluation.metrics.ranking import (
    Curve,
    average_precision,
    base_rate,
    precision_recall_curve,
    roc_auc,
    roc_curve,
)
from tocsin.evaluation.metrics.vus import Volumes, volumes, vus_pr, vus_roc

__all__ = [
    "COUNTED",
    "AffiliationMetrics",
    "Counted",
    "Curve",
    "EventMetrics",
    "Interval",
    "PointMetrics",
    "RangeMetrics",
    "Volumes",
    "affiliation_metrics",
    "average_precision",
    "base_rate",
    "bootstrap",
    "dominant_period",
    "event_metrics",
    "false_alarms_per_day",
    "flagged_runs",
    "point_adjusted_f1_inflated",
    "point_metrics",
    "precision_recall_curve",
    "range_metrics",
    "roc_auc",
    "roc_curve",
    "volumes",
    "vus_pr",
    "vus_roc",
]
