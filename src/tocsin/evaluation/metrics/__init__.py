"""How good were the scores and flags? One file per family of metrics; each is told with its source and its traps."""

from __future__ import annotations

from tocsin.evaluation.metrics.points import PointMetrics, false_alarms_per_day, flagged_runs, point_metrics

__all__ = ["PointMetrics", "false_alarms_per_day", "flagged_runs", "point_metrics"]
