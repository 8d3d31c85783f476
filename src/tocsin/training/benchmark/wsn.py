"""The single-hop sensor network: four motes, steam near two of them, labelled as it was introduced."""

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

_CHANNELS = ("humidity", "temperature")
_EVERY_S = 5


@dataclass(frozen=True, kw_only=True)
class Wsn(Benchmark):
    """Wireless sensor network (Suthaharan et al.): temperature and humidity of 4 motes, events introduced on purpose.

    Suthaharan et al. 2010, "Labelled data collection for anomaly detection in wireless sensor networks". It names no
    split; the first readings of every mote are normal, and are learned from.

    Parameters
    ----------
    learned
        Readings at the beginning of each mote to learn from.
    """

    folder: ClassVar[str] = "wsn_singlehop"
    sign: ClassVar[str] = "data/data.csv"
    origin: ClassVar[str] = "https://github.com/stdlib-js/datasets-suthaharan-single-hop-sensor-network, data/data.csv"
    example: ClassVar[str] = "mote 1"

    learned: int = 1500

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield a case for each mote; a reading's number is its time, 5 s apart."""
        import polars as pl

        rows = columns_of(folder / "data" / "data.csv", ["reading", "mote_id", *_CHANNELS, "label"])
        rows = rows.with_columns(time=pl.col("reading") * _EVERY_S)
        for mote in rows["mote_id"].unique().sort().to_list():
            own = rows.filter(pl.col("mote_id") == mote)
            how = exactly(_CHANNELS, label="label", time=("time",), time_format="epoch_s")
            table = open_table(own, overrides=how).in_time_order()
            learn = first_rows(len(table), self.learned)
            yield Case(f"mote {mote}", table, learn, ~learn)

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return counts and ranking figures of the judged readings."""
        return frozen_facts(case, outcome)

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return what a user lives with."""
        remark = f"Two events in all, on two of the four motes: a figure of events is one of two. {trap_of(cases)}"
        return (frozen_sheet("Single-hop sensor network", remarks=(remark,)),)
