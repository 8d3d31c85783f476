"""What takes long, as jobs: training on a file under analysis, and rehearsing faults in it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tocsin.service.analyses.analysis import Analysis
from tocsin.service.incoming import Incoming
from tocsin.sources import Overrides


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What is rehearsed.

    Parameters
    ----------
    kinds
        Kinds of faults; none for the usual ones.
    sizes
        In deviations of each channel.
    trials
        Stretches of readings for each kind and size.
    seed
        Of all chance.
    """

    kinds: tuple[str, ...] = ()
    sizes: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    trials: int = 20
    seed: int = 0


def handed_over(analysis: Analysis, incoming: Incoming) -> Path:
    """Return the file once more, in a folder that belongs to a job: the analysis may go while the job goes on."""
    path = incoming.place() / analysis.path.name
    try:
        os.link(analysis.path, path)
    except OSError:
        shutil.copyfile(analysis.path, path)
    return path


def rehearse_file(
    *, artifact: str, readings: str, overrides: Overrides, sort: bool, faults: Faults, told: dict[str, Any]
) -> dict[str, Any]:
    """Put faults into the normal readings of a file, and tell which would ring. To be run as a job.

    Parameters
    ----------
    artifact, readings
        Paths.
    overrides, sort
        How the file is read.
    faults
        What is put in.
    told
        Is part of the result: which artifact and version that was.

    Returns
    -------
    dict
        As ``rehearsal.json`` of ``tocsin rehearse``, without the single attempts.
    """
    from tocsin.engine.scorer import load
    from tocsin.sources import open_table
    from tocsin.training.rehearse import USUAL_KINDS, rehearse

    scorer = load(artifact)
    table = open_table(readings, overrides=overrides, expect=scorer.artifact.layout)
    found = rehearse(
        scorer,
        table.in_time_order() if sort else table,
        kinds=faults.kinds or USUAL_KINDS,
        sizes=faults.sizes,
        trials=faults.trials,
        seed=faults.seed,
    ).as_dict()
    found.pop("attempts")
    return {**told, **found}


def recipe_with(recipe: dict[str, Any], *, detector: str | None, budget: str | None) -> dict[str, Any]:
    """Return a recipe's sections with what people choose on a page put in.

    >>> recipe_with({"alarm": {"raise_after": 5}}, detector="ewma", budget="1 per week")
    {'alarm': {'raise_after': 5}, 'fit': {'detector': 'ewma', 'threshold': 'budget:1 per week'}}
    """
    chosen = {"detector": detector, "threshold": None if budget is None else f"budget:{budget}"}
    plain = {name: value for name, value in chosen.items() if value is not None}
    own = recipe.get("fit", {})
    return {**recipe, "fit": {**own, **plain}} if isinstance(own, dict) else recipe
