"""AI4I 2020: records of a milling machine, in order; the later ones are judged by what was learned from the earlier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tocsin.evaluation.outcome import Outcome
from tocsin.sources import open_table
from tocsin.training.benchmark._contract import Benchmark, Case, Facts, Sheet
from tocsin.training.benchmark._files import columns_of, exactly, first_rows
from tocsin.training.benchmark._frozen import frozen_facts, frozen_sheet, trap_of

_CHANNELS = (
    "Air temperature [K]",
    "Process temperature [K]",
    "Rotational speed [rpm]",
    "Torque [Nm]",
    "Tool wear [min]",
)
_LABELS = ("Machine_failure", "Machine failure")


@dataclass(frozen=True, kw_only=True)
class Ai4i2020(Benchmark):
    """AI4I 2020 predictive maintenance: 10,000 records of a simulated milling machine, 339 of them failures.

    Matzka 2020, "Explainable artificial intelligence for predictive maintenance applications". It names no split: the
    first part in order is learned from, the rest is judged. The five columns of failure modes are no channels.

    Parameters
    ----------
    share
        Share of the records to learn from.
    """

    folder: ClassVar[str] = "ai4i2020"
    sign: ClassVar[str] = "ai4i2020.csv"
    origin: ClassVar[str] = "https://archive.ics.uci.edu/dataset/601/ai4i+2020+predictive+maintenance+dataset"
    example: ClassVar[str] = "ai4i2020"

    share: float = 0.6

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield the one table; a record's number is its time."""
        path = folder / "ai4i2020.csv"
        with path.open(encoding="utf-8-sig") as file:
            label = _LABELS[_LABELS[1] in file.readline().strip().split(",")]
        rows = columns_of(path, [*_CHANNELS, label])
        table = open_table(rows, overrides=exactly(_CHANNELS, label=label, time=()))
        learn = first_rows(len(table), round(self.share * len(table)))
        yield Case("ai4i2020", table, learn, ~learn, normal_only=True)

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return counts and ranking figures of the judged records."""
        return frozen_facts(case, outcome)

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return what a user lives with."""
        remarks = (
            f"Records are drawn one by one, failures come without warning, and some are pure chance. {trap_of(cases)}",
            "Detectors without labels learn from the records without failure alone.",
        )
        return (frozen_sheet("AI4I 2020, later 40 % of the records", remarks=remarks),)
