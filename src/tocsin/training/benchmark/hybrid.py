"""The tables of a paper on hybrid models: traffic of devices in ten folds, and NAB, each method at a frozen limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.splits import blocked
from tocsin.sources import open_table
from tocsin.training.benchmark._contract import Benchmark, Case, Column, Facts, Run, Sheet
from tocsin.training.benchmark._frozen import average, counted, frozen_facts, measure, trap_of
from tocsin.training.benchmark.nab import Nab

BATCH = 64
"""Readings of which the processing time is told: the paper's batch."""

BUFFER = 12
"""Readings of the buffers of VUS: two hours, about the length of an attack."""

_COLUMNS = (
    Column("f1", "F1 %", "harmonic mean of precision and recall", 1),
    Column("accuracy", "accuracy %", "share of readings judged right", 1),
    Column("precision", "precision %", "share of flagged readings that are labelled", 1),
    Column("recall", "recall %", "share of labelled readings that are flagged", 1),
    Column("fp", "false positives", "readings", 0, rises=False),
    Column("fn", "false negatives", "readings", 0, rises=False),
    Column("fpr", "FP rate %", "share of normal readings that are flagged", 2, rises=False),
    Column("fnr", "FN rate %", "share of labelled readings that are not", 1, rises=False),
    Column("ms", "ms a batch", "to score 64 readings, from prepare to policy, a whole table at once", 2, rises=False),
    Column("roc_auc", "ROC-AUC", "of the scores, mean over the cases", 3),
    Column("auc_pr", "AUC-PR", "of the scores, mean over the cases", 3),
)

_TRAFFIC = (
    "The paper's traffic was not published with it, so this is `tocsin simulate network`: devices, data packets and "
    "signal strength, 8 % of the readings under attack, half of the attacks smaller than two deviations.",
    "Ten blocks in order of time, each judged once by what was learned from the others, with a gap; windows are never "
    "shuffled. Detectors without labels learn from normal readings alone.",
    "The published rows are of other readings, and the paper tells neither its split nor how its limit was found: they "
    "are claims. 15 false positives at 1.9 % and 7 false negatives at 2.3 % belong to some 1,100 readings, a quarter "
    "of them anomalous, and not to 630,000 with 8 %.",
)
_NAB = (
    "58 files, learned from the first 15 % of each, which nobody judges; a labelled reading is one inside a window of "
    "NAB, most of which look normal: a method that rings once in each window is right, and has a recall near 0.",
)


@dataclass(frozen=True, kw_only=True)
class Hybrid(Benchmark):
    """The comparison tables of Pallikonda et al. 2025: simulated device traffic in ten folds, and NAB.

    "Real-time anomaly detection in IoT networks using a hybrid deep learning model", Acadlore Transactions on AI and
    Machine Learning 4 (4): accuracy, precision, recall, F1, counts and rates of errors, and processing time.

    Parameters
    ----------
    rows
        Readings of traffic.
    folds
        Blocks in order of time.
    gap
        Readings of each device left out on either side of a block: the longest window, and the hold over silences.
    seed
        Of the simulated traffic.
    """

    folder: ClassVar[str] = Nab.folder
    sign: ClassVar[str] = Nab.sign
    origin: ClassVar[str] = f"{Nab.origin}; the traffic is simulated"
    example: ClassVar[str] = f"nab/{Nab.example}"

    rows: int = 24_000
    folds: int = 10
    gap: int = 124
    seed: int = 7

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield a case for each block of the traffic, then one for each file of NAB."""
        from tocsin.training.simulate.network import Network

        traffic = open_table(Network(rows=self.rows, seed=self.seed).table()).in_time_order()
        for k, fold in enumerate(blocked(traffic.readings.time, folds=self.folds, gap=self.gap), 1):
            yield Case(
                f"traffic/{k}", traffic, fold.learn, fold.judged, normal_only=True, window=BUFFER, group="traffic"
            )
        for case in Nab().cases(folder):
            yield replace(case, name=f"nab/{case.name}", group="nab")

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return counts and ranking figures of the judged readings."""
        return frozen_facts(case, outcome)

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return the paper's table for the traffic, with its rows beside ours, and the same figures for NAB."""
        own = {name: [case for case in cases if case.group == name] for name in ("traffic", "nab")}
        sheets = (
            Sheet(
                "traffic",
                "Device traffic, ten blocks in order of time",
                _COLUMNS,
                _measure,
                (*_TRAFFIC, *_trap(own["traffic"])),
                published="hybrid",
                paired="vus_pr",
                group="traffic",
            ),
            Sheet("nab", "NAB, reading by reading", _COLUMNS, _measure, (*_NAB, *_trap(own["nab"])), group="nab"),
        )
        return tuple(sheet for sheet in sheets if own[sheet.name])


def _trap(cases: Sequence[Case]) -> tuple[str, ...]:
    return (trap_of(cases),) if cases else ()


def _measure(runs: Sequence[Run]) -> dict[str, float | None]:
    found = measure(runs)
    tp, fp, fn, tn = (sum(counted(run, name) for run in runs) for name in ("tp", "fp", "fn", "tn"))
    told = tp + fp + fn + tn
    timed = [1e3 * BATCH * run.score_s / len(run.case.table) for run in runs if run.score_s]
    return {
        "accuracy": 100 * (tp + tn) / told if told else None,
        **{name: None if found[name] is None else 100 * (found[name] or 0.0) for name in ("precision", "recall", "f1")},
        "fp": float(fp),
        "fn": float(fn),
        "fpr": None if found["false_positive_rate"] is None else 100 * found["false_positive_rate"],
        "fnr": None if found["recall"] is None else 100 * (1 - found["recall"]),
        "ms": float(np.mean(timed)) if timed else None,
        **{name: average(runs, name) for name in ("roc_auc", "auc_pr")},
    }
