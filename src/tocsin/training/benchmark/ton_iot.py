"""TON_IoT telemetry: services of a testbed, normal first and under attack weeks later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Overrides, Table, open_table
from tocsin.training.benchmark._contract import Benchmark, Case, Column, Facts, Run, Sheet
from tocsin.training.benchmark._frozen import counted, frozen_facts, frozen_sheet, ratio, trap_of

_ATTACKS = ("backdoor", "ddos", "injection", "password", "ransomware", "scanning", "xss")


@dataclass(frozen=True, kw_only=True)
class TonIot(Benchmark):
    """TON_IoT telemetry (UNSW): fridge, thermostat, weather and other services, later under seven kinds of attack.

    Moustafa 2021, "A new distributed architecture for evaluating AI-based security systems at the edge: Network TON_IoT
    datasets". It names no split: rows are sorted by time, the first normal ones are learned from, the rest is judged.

    Parameters
    ----------
    share
        Share of the normal rows to learn from.
    """

    folder: ClassVar[str] = "ton_iot"
    sign: ClassVar[str] = "Train_Test_IoT_*.csv"
    origin: ClassVar[str] = "https://research.unsw.edu.au/projects/toniot-datasets, Train_Test_IoT_dataset"
    example: ClassVar[str] = "Weather"

    share: float = 0.6

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield a case for each service."""
        for path in sorted(folder.glob(self.sign)):
            table = open_table(path, overrides=Overrides(label="label", exclude=("type",), device=""))
            table = table.in_time_order()
            assert table.labels is not None
            cut = int(np.flatnonzero(~table.labels)[round(self.share * np.count_nonzero(~table.labels))])
            learn = np.arange(len(table)) < cut
            name = path.stem.removeprefix("Train_Test_IoT_")
            yield Case(name, table, learn, ~learn, normal_only=True, kind=_kinds(table))

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return counts and ranking figures of the judged rows, and flagged rows by kind of attack."""
        assert case.kind is not None
        judged = {name: case.judged & (case.kind == name) for name in _ATTACKS}
        found = {name: [int((outcome.anomaly & rows).sum()), int(rows.sum())] for name, rows in judged.items()}
        return {**frozen_facts(case, outcome), "kinds": found}

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return what a user lives with, and the share of rows flagged by kind of attack."""
        remarks = (
            "A classification extract, not a stream: normal rows are of two days in spring, attacks of days some weeks "
            "later, so that whatever notices another day notices an attack. Do not read the base rate as real. "
            f"{trap_of(cases)}",
        )
        columns = (
            Column("false_positive_rate", "FPR", "share of normal readings that are flagged", rises=False),
            *(Column(name, name, "") for name in _ATTACKS),
        )
        kinds = Sheet("kinds", "TON_IoT, share of rows flagged, by kind of attack", columns, _by_kind)
        return frozen_sheet("TON_IoT telemetry", remarks=remarks), kinds


def _kinds(table: Table) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    told = np.array(table.columns["type"].str.strip_chars().to_list(), np.str_)
    out = np.zeros(len(table), told.dtype)
    out[table.reading[table.reading >= 0]] = told[table.reading >= 0]
    return np.where(table.labels if table.labels is not None else False, out, "")


def _by_kind(runs: Sequence[Run]) -> dict[str, float | None]:
    fp, tn = (sum(counted(run, name) for run in runs) for name in ("fp", "tn"))
    out = {"false_positive_rate": ratio(fp, fp + tn)}
    for name in _ATTACKS:
        caught = sum(run.facts["kinds"][name][0] for run in runs if run.facts)
        out[name] = ratio(caught, sum(_rows(run, name) for run in runs))
    return out


def _rows(run: Run, kind: str) -> int:
    assert run.case.kind is not None
    return int(np.count_nonzero(run.case.judged & (run.case.kind == kind)))
