"""``tocsin score`` on long files, from the CSV read to the CSV written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from speed.children import Finished, median, say, watched
from speed.line import Line
from speed.material import machine_csv
from speed.startup import tocsin

CHANNELS = 8
GIGABYTE = 10**9


def scoring(folder: Path, *, rows: Sequence[int], detector: str, repeats: int) -> tuple[list[Line], dict[str, Any]]:
    """Rows a second, peak memory, and how time grows with rows; the artifact is learned from the first 10,000 rows."""
    learned = folder / "machine.tocsin"
    machine_csv(folder / "learn.csv", rows=10_000, channels=CHANNELS)
    quick = ["--set", "epochs=2"] if detector == "lstm_autoencoder" else []
    watched([tocsin(), "fit", str(folder / "learn.csv"), "-o", str(learned), "--detector", detector, *quick])
    turns = [{count: _score(folder, learned, count) for count in sorted(rows)} for _ in range(repeats)]
    runs = {count: _middle([turn[count] for turn in turns]) for count in sorted(rows)}
    lines = [line for count, run in runs.items() for line in _lines(count, run, last=count == max(rows))]
    if len(runs) > 2:
        lines.append(_growth(runs))
    return lines, {str(count): [vars(turn[count]) for turn in turns] for count in runs}


def _middle(runs: Sequence[Finished]) -> Finished:
    return Finished(median([vars(run) for run in runs], "seconds"), max(run.peak_bytes for run in runs))


def _score(folder: Path, artifact: Path, rows: int) -> Finished:
    say(f"score: {rows:,} rows × {CHANNELS} channels")
    given, written = folder / f"machine-{rows}.csv", folder / "scored.csv"
    machine_csv(given, rows=rows, channels=CHANNELS)
    run = watched([tocsin(), "score", str(artifact), str(given), "-o", str(written)])
    with written.open("rb") as lines:
        assert sum(1 for _ in lines) == rows + 1
    given.unlink()
    return run


def _lines(rows: int, run: Finished, *, last: bool) -> list[Line]:
    what = f"{rows:,} rows × {CHANNELS} channels"
    speed = Line("score", what, rows / run.seconds, "rows/s", aim=30_000 if last else None, judged="value")
    size = run.peak_bytes / GIGABYTE
    return [speed, Line("score", "peak memory", size, "GB", aim=1.5, judged="value", lower_is_better=True)]


def _growth(runs: dict[int, Finished]) -> Line:
    """Seconds per further row in the last stretch, in those of the first: 1 is linear, and the start-up cancels out."""
    rows, seconds = np.array(list(runs)), np.array([run.seconds for run in runs.values()])
    slope = np.diff(seconds) / np.diff(rows)
    what, growth = "cost of a further row, late / early", float(slope[-1] / slope[0])
    return Line("score", what, growth, "", aim=1.15, judged="value", lower_is_better=True)
