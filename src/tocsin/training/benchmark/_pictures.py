"""Pictures of one case: what its scores look like, and where it rang."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tocsin.evaluation.outcome import Outcome
from tocsin.training.benchmark._contract import Run
from tocsin.training.lab.baselines import NAMES
from tocsin.training.lab.compare import as_severities

DRAWN_ANYWAY = ("random", "all-ones")
"""Methods whose curves are the diagonal and the base rate."""


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
    first = [run for run in runs if run.seed == 0 and not run.failure]
    own = [run for run in first if run.method not in NAMES]
    wanted = [run for run in own if run.case.name == example] or own[:1]
    groups = dict.fromkeys(run.case.group for run in own if run.case.labels[run.case.judged].any())
    curves = tuple(_curves(name, group, first, folder) for group in groups)
    return (*curves, *(path for run in wanted for path in _drawn(name, run, folder)))


def _curves(name: str, group: str, runs: Sequence[Run], folder: Path) -> Path:
    """Draw ROC and precision against recall, the judged readings of all cases of a group pooled as severities."""
    from tocsin.evaluation.pictures.figures import roc_and_pr, save

    pooled: dict[str, Outcome] = {}
    for method in dict.fromkeys(run.method for run in runs if run.method not in DRAWN_ANYWAY):
        mine = [run for run in runs if run.method == method and run.case.group == group]
        told = [(run, run.outcome()) for run in mine]
        parts = [outcome.take(run.case.judged) for run, outcome in told if outcome is not None]
        if parts:
            pooled[method] = Outcome.join([as_severities(part) for part in parts])
    path = folder / f"{name}_{group + '_' if group else ''}roc_pr.png"
    save(roc_and_pr(pooled), path)
    return path


def _drawn(name: str, run: Run, folder: Path) -> tuple[Path, Path]:
    from tocsin.evaluation.pictures.figures import detection_example, save, score_plot

    outcome = run.outcome()
    assert outcome is not None
    readings, title = run.case.table.readings, f"{run.method}, {name}: {run.case.name}"
    scores, example = (folder / f"{name}_{run.method}_{kind}.png" for kind in ("scores", "example"))
    save(score_plot(outcome, title=title), scores)
    first = readings.schema.channels[0]
    save(detection_example(outcome, readings.values[:, 0], first.label, title=title), example)
    return scores, example
