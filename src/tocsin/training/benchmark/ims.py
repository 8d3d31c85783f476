"""IMS bearings: a machine that ran until a bearing failed; days of warning, and what was rung for nothing before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.evaluation.metrics import flagged_runs
from tocsin.evaluation.metrics.points import NS_PER_DAY
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import open_table
from tocsin.training.benchmark._contract import Benchmark, Case, Column, Facts, Run, Sheet
from tocsin.training.benchmark._files import exactly

_QUIET_NS = NS_PER_DAY // 4
_COLUMNS = (
    Column("lasting_days", "lasting warning, days", "from the alarm after which no six hours are quiet, to the end", 2),
    Column("false_alarms", "false alarms before", "alarms after training and before that one", 0, rises=False),
    Column("warning_days", "first warning, days", "from the first alarm after the training part, to the end", 2),
    Column("learned_alarms", "alarms while learning", "alarms in the part learned from", 0, rises=False),
    Column("told_share", "share of time told", "of the time after training, how much an alarm stood", 3, rises=None),
)


@dataclass(frozen=True, kw_only=True)
class Ims(Benchmark):
    """IMS bearings, second test: vibration of 4 bearings every 10 minutes until one fails; days of warning.

    Lee et al. 2007, NASA prognostics data repository. The first readings are learned from; which later ones are
    abnormal nobody has written down, only how it ended.

    Parameters
    ----------
    learned_until
        Learn from readings before this day (UTC, ISO 8601).
    """

    folder: ClassVar[str] = "ims_bearing"
    sign: ClassVar[str] = "2nd_test_resmaple_10minutes.csv"
    origin: ClassVar[str] = (
        "NASA prognostics data repository, IMS bearings, as 10-minute means in "
        "https://github.com/bingblackbean/nasa_bearing_abnormal_detection"
    )
    example: ClassVar[str] = "test 2"

    learned_until: str = "2004-02-14"

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield the one table; no reading is labelled, since nobody knows when the failure began."""
        channels = [f"Bearing {k}" for k in (1, 2, 3, 4)]
        table = open_table(folder / self.sign, overrides=exactly(channels, time=("Datetime",))).in_time_order()
        learn = table.readings.time < np.datetime64(self.learned_until, "ns").astype(np.int64)
        yield Case("test 2", replace(table, labels=np.zeros(len(table), np.bool_)), learn, ~learn)

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return days of warning and the alarms before."""
        after = outcome.take(case.judged)
        starts, stops = _told(after.told)
        lasting = _lasting(after.time, starts, stops)
        return {
            "warning_days": _before_end(after.time, starts[:1]),
            "lasting_days": _before_end(after.time, starts[lasting : lasting + 1]),
            "false_alarms": lasting,
            "learned_alarms": len(_told(outcome.told[case.learn])[0]),
            "told_share": float(after.told.mean()),
        }

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:  # noqa: ARG002  # one shape for all
        """Return days of warning beside the false alarms they cost."""
        remarks = (
            "One machine and one failure: an example, not a measurement. A rule that always rings warns longest "
            "(all-ones), so days count only beside the alarms before and while learning.",
            "An alarm that six hours without alarms follow is counted as false; it may have been a first sign.",
        )
        return (Sheet("warning", "IMS bearings, days of warning", _COLUMNS, _measure, remarks),)


def _told(told: BoolArray) -> tuple[IntArray, IntArray]:
    return flagged_runs(told, np.zeros(len(told), np.int64))


def _lasting(time: IntArray, starts: IntArray, stops: IntArray) -> int:
    """Return the number of the first alarm that no long silence follows up to the end; all of them if there is none."""
    if not len(starts):
        return 0
    quiet_from = time[stops - 1]
    quiet_to = np.append(time[starts[1:]], time[-1])
    ended = np.flatnonzero(quiet_to - quiet_from >= _QUIET_NS)
    return int(ended[-1]) + 1 if len(ended) else 0


def _before_end(time: IntArray, start: IntArray) -> float:
    return float(time[-1] - time[start[0]]) / NS_PER_DAY if len(start) else 0.0


def _measure(runs: Sequence[Run]) -> dict[str, float | None]:
    (run,) = runs
    return {column.name: run.facts.get(column.name, 0.0 if column.rises else None) for column in _COLUMNS}
