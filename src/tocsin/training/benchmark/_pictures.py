"""Pictures of one case: what its scores look like, and where it rang."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.training.baselines import NAMES
from tocsin.training.benchmark._contract import Run


def draw(name: str, runs: Sequence[Run], example: str, folder: Path) -> tuple[Path, ...]:
    """Draw scores and readings of one case for each detector's first run, and return the files.

    Parameters
    ----------
    name
        Of the benchmark.
    runs
        Baselines and failed runs are left out.
    example
        The case; the first one where it was not run.
    folder
        Where the files go.
    """
    own = [run for run in runs if run.method not in NAMES and run.seed == 0 and not run.failure]
    wanted = [run for run in own if run.case.name == example] or own[:1]
    return tuple(path for run in wanted for path in _drawn(name, run, folder))


def _drawn(name: str, run: Run, folder: Path) -> tuple[Path, Path]:
    from tocsin.evaluation.figures import detection_example, save, score_plot

    outcome = run.outcome()
    assert outcome is not None
    readings, title = run.case.table.readings, f"{run.method}, {name}: {run.case.name}"
    scores, example = (folder / f"{name}_{run.method}_{kind}.png" for kind in ("scores", "example"))
    save(score_plot(outcome, title=title), scores)
    first = readings.schema.channels[0]
    save(detection_example(outcome, readings.values[:, 0], first.label, title=title), example)
    return scores, example
