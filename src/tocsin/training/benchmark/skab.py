"""SKAB: a water-circulation testbed; trained on the first 400 rows of each file, judged on faults in the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tocsin.core.errors import InputError
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Overrides, open_table
from tocsin.training.benchmark._contract import Benchmark, Case, Column, Facts, Run, Sheet
from tocsin.training.benchmark._files import first_rows
from tocsin.training.benchmark._frozen import frozen_facts, frozen_sheet, measure, trap_of

_COLUMNS = (
    Column("f1", "F1", "of flags, reading by reading, all files pooled"),
    Column("far", "false-alarm rate %", "share of normal readings that are flagged", 1, rises=False),
    Column("mar", "missed-alarm rate %", "share of labelled readings that are not flagged", 1, rises=False),
)


@dataclass(frozen=True, kw_only=True)
class Skab(Benchmark):
    """SKAB: faults induced on a water-circulation testbed, 8 sensors, each second.

    The leaderboard's rules (Katser & Kozitsin 2020, "Skoltech Anomaly Benchmark"): learn from the first rows of each
    file, judge all others, pool the counts.

    Parameters
    ----------
    learned
        Rows at the beginning of each file to learn from.
    """

    folder: ClassVar[str] = "skab"
    sign: ClassVar[str] = "data/valve1/*.csv"
    origin: ClassVar[str] = "https://github.com/waico/SKAB, the folder data"
    example: ClassVar[str] = "valve1/0"

    learned: int = 400

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield a case for each file with labels, in order of number."""
        for group in ("valve1", "valve2", "other"):
            for path in sorted((folder / "data" / group).glob("*.csv"), key=lambda path: (len(path.stem), path.stem)):
                table = open_table(path, overrides=Overrides(label="anomaly", exclude=("changepoint",), device=""))
                table = table.in_time_order()
                if len(table) <= self.learned:
                    raise InputError(
                        f"{path} has {len(table)} rows, more than {self.learned} were expected.",
                        remedy="Fetch it anew.",
                    )
                learn = first_rows(len(table), self.learned)
                yield Case(f"{group}/{path.stem}", table, learn, ~learn)

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return counts of the judged rows."""
        found = frozen_facts(case, outcome)
        return found | {"f1": 2 * found["tp"] / max(2 * found["tp"] + found["fp"] + found["fn"], 1)}

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return the leaderboard's table, and what a user lives with."""
        remarks = (
            f"{len(cases)} files, pooled; the published rows are of all 34. {trap_of(cases)} F1 says something only "
            "beside the false-alarm rate.",
            "The first 400 rows are learned from as they are: their labels are not looked at, and one file (other/2) "
            "has anomalies in them.",
        )
        leaderboard = Sheet(
            "leaderboard", "SKAB, outlier detection", _COLUMNS, _measure, remarks, published="skab", paired="f1"
        )
        return leaderboard, frozen_sheet("SKAB, alarms and ranking")


def _measure(runs: Sequence[Run]) -> dict[str, float | None]:
    found = measure(runs)
    missed = None if found["recall"] is None else 100 * (1 - found["recall"])
    false = None if found["false_positive_rate"] is None else 100 * found["false_positive_rate"]
    return {"f1": found["f1"], "far": false, "mar": missed}
