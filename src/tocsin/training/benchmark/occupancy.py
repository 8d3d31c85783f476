"""Office climate: trained on an empty office, judged by whether it notices people. A state, not a fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tocsin.evaluation.outcome import Outcome
from tocsin.sources import open_table
from tocsin.training.benchmark._contract import Benchmark, Case, Facts, Sheet
from tocsin.training.benchmark._files import columns_of, exactly
from tocsin.training.benchmark._frozen import frozen_facts, frozen_sheet, trap_of

if TYPE_CHECKING:
    import polars as pl

_CHANNELS = ("Temperature", "Humidity", "Light", "CO2", "HumidityRatio")
_LEARNED, _JUDGED = "datatraining", ("datatest", "datatest2")


@dataclass(frozen=True, kw_only=True)
class Occupancy(Benchmark):
    """Office climate each minute (UCI Occupancy Detection): people noticed by what was learned from the empty room.

    Candanedo & Feldheim 2016, "Accurate occupancy detection of an office room from light, temperature, humidity and CO2
    measurements using statistical learning models": train on datatraining, judge datatest and datatest2.
    """

    folder: ClassVar[str] = "occupancy"
    sign: ClassVar[str] = "datatraining.txt"
    origin: ClassVar[str] = "https://archive.ics.uci.edu/dataset/357/occupancy+detection"
    example: ClassVar[str] = "datatest2"

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield a case for each test file; each file is a device of its own, so that no window reaches over two."""
        import polars as pl

        learned = _rows(folder / f"{_LEARNED}.txt")
        for name in _JUDGED:
            both = pl.concat([learned, _rows(folder / f"{name}.txt")])
            how = exactly(_CHANNELS, label="Occupancy", time=("date",), device="file")
            table = open_table(both, overrides=how).in_time_order()
            learn = np.array(table.devices)[table.readings.device] == _LEARNED
            yield Case(name, table, learn, ~learn, normal_only=True)

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return counts and ranking figures of the judged readings."""
        return frozen_facts(case, outcome)

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return what a user lives with."""
        remarks = (
            f"Presence is a state, not a fault, and light tells most of it. {trap_of(cases)}",
            "Detectors without labels learn from the unoccupied readings of the training file, those with labels from "
            "all of it; published accuracies of classifiers (97 to 99 %) are of another question.",
        )
        return (frozen_sheet("Office occupancy as a proxy for anomalies", remarks=remarks),)


def _rows(path: Path) -> pl.DataFrame:
    """Return time, channels, label and the file's name; the header is one name short in two of the files."""
    import polars as pl

    with path.open(encoding="utf-8") as file:
        head = [name.strip('"') for name in file.readline().strip().split(",")]
    names = ["no", *head] if head[0] != "no" else head
    found = columns_of(path, ["date", *_CHANNELS, "Occupancy"], header=names)
    return found.with_columns(*(pl.col(name).cast(pl.Float64) for name in _CHANNELS), file=pl.lit(path.stem))
