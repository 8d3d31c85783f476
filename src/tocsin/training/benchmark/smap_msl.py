"""SMAP and MSL: telemetry of two spacecraft, by the rules of TSB-AD, and beside them by what a user lives with."""

from __future__ import annotations

import ast
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError
from tocsin.evaluation.hindsight import hindsight
from tocsin.evaluation.metrics import vus_pr
from tocsin.evaluation.outcome import Outcome
from tocsin.training.benchmark._contract import Benchmark, Case, Column, Facts, Run, Sheet
from tocsin.training.benchmark._files import array_of, first_rows, table_of_array
from tocsin.training.benchmark._frozen import average, complete, frozen_facts, frozen_sheet, window_of
from tocsin.training.benchmark._published import rows_of

_TRACKS = ("multivariate", "univariate")
_REMARKS = (
    "Offline: the whole array is judged, the training rows too, by the mean score of all windows that cover a reading, "
    "which knows the future. The column causal is the same without that: each score knows the past alone.",
    "The buffers of VUS reach to the period of channel 0; where there is no score the lowest one stands.",
    "Published methods were tuned on a part of TSB-AD; ours run with their defaults.",
)


@dataclass(frozen=True, kw_only=True)
class SmapMsl(Benchmark):
    """SMAP and MSL spacecraft telemetry as TSB-AD judges it: 10 series of many channels, 4 of one.

    A series is a test array of telemanom; its first rows are learned from (Liu & Paparrizos 2024, "The elephant in the
    room: towards a reliable time-series anomaly detection benchmark"). The univariate track takes column 0 alone.
    """

    folder: ClassVar[str] = "smap_msl"
    sign: ClassVar[str] = "test/*.npy"
    origin: ClassVar[str] = (
        "https://github.com/khundman/telemanom (arrays test/*.npy and labeled_anomalies.csv, also in "
        "https://github.com/imperial-qore/TranAD, data/SMAP_MSL)"
    )
    example: ClassVar[str] = "multivariate/M-6"

    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield the series of both tracks whose arrays are in the folder."""
        spans = _spans(folder / "labeled_anomalies.csv")
        for track in _TRACKS:
            for row in rows_of(f"smap_msl_{track}_series"):
                path = folder / "test" / f"{row['channel']}.npy"
                if path.exists():
                    yield _case(track, row, path, spans)

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:
        """Return both tracks: ``offline_…`` on the whole array, the others behind the training rows."""
        covered = replace(outcome, score=hindsight(outcome.score, window))
        length = window_of(case)
        return {
            **frozen_facts(case, outcome),
            "vus_window": length,
            "offline_vus_pr": vus_pr(case.labels, complete(covered).score, length),
            "offline_vus_pr_causal": vus_pr(case.labels, complete(outcome).score, length),
        }

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return for each track the table of TSB-AD, series by series, and what a user lives with."""
        tracks = [track for track in _TRACKS if any(case.group == track for case in cases)]
        offline = [_offline(track, [case for case in cases if case.group == track]) for track in tracks]
        frozen = [
            frozen_sheet(f"SMAP and MSL, {track}, prequential", group=track, name=f"prequential {track}")
            for track in tracks
        ]
        return (*offline, *frozen)


def _case(track: str, row: dict[str, str], path: Path, spans: dict[str, list[list[int]]]) -> Case:
    values = array_of(path)
    if len(values) != int(row["rows"]):
        raise InputError(f"{path} has {len(values)} rows, {row['rows']} were expected.", remedy="Fetch it anew.")
    labels = _marked(len(values), spans.get(row["channel"], []))
    table = table_of_array(values if track == "multivariate" else values[:, :1], labels)
    learn = first_rows(len(values), int(row["train_rows"]))
    return Case(f"{track}/{row['channel']}", table, learn, ~learn, group=track)


def _spans(path: Path) -> dict[str, list[list[int]]]:
    """Return first and last rows of the labelled anomalies by channel; a channel may have several lines."""
    if not path.is_file():
        raise InputError(f"There is no file {path}, which holds the labels.", remedy="Fetch it as well.")
    found: dict[str, list[list[int]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["chan_id"], []).extend(ast.literal_eval(row["anomaly_sequences"]))
    return found


def _marked(rows: int, spans: Sequence[Sequence[int]]) -> BoolArray:
    marked = np.zeros(rows, np.bool_)
    for first, last in spans:
        marked[first : last + 1] = True
    return marked


def _offline(track: str, cases: Sequence[Case]) -> Sheet:
    names = [case.name.partition("/")[2] for case in cases]
    columns = (
        Column("vus_pr", "VUS-PR", "mean over the series; theirs beside it"),
        Column("vus_pr_causal", "causal", "the same of scores that know the past alone"),
        *(Column(name, name, "") for name in names),
    )
    whole = len(rows_of(f"smap_msl_{track}_series"))
    few = () if len(cases) == whole else (f"Only {len(cases)} of {whole} series: published means are of all.",)
    return Sheet(
        f"offline {track}",
        f"SMAP and MSL, {track}, offline (TSB-AD)",
        columns,
        _measure,
        (*few, *_REMARKS),
        published=f"smap_msl_{track}",
        paired="offline_vus_pr",
        group=track,
    )


def _measure(runs: Sequence[Run]) -> dict[str, float | None]:
    series = {run.case.name.partition("/")[2]: average([run], "offline_vus_pr") for run in runs}
    return {
        "vus_pr": average(runs, "offline_vus_pr"),
        "vus_pr_causal": average(runs, "offline_vus_pr_causal"),
        **series,
    }
