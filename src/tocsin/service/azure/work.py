"""What takes long on behalf of Azure's clients, each to be run as a job: training a model, judging a batch."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tocsin.core.errors import TocsinError
from tocsin.service.azure import files
from tocsin.service.azure.asked import AlignPolicy, BatchOrder, TrainingOrder
from tocsin.service.azure.errors import CodedError
from tocsin.service.azure.merged import Merged, merged
from tocsin.service.azure.rows import rows_of
from tocsin.service.azure.times import now, span_of
from tocsin.service.azure.variables import variables_in

OUTCOME, RESULT = "outcome.json", "result.json"


def train_model(
    *, order: str, place: str, folder: str, registry: str, name: str, by: str, most_rows: int
) -> dict[str, Any]:
    """Train what was asked for, and add it to the registry.

    Parameters
    ----------
    order
        The order, as JSON.
    place
        Where the readings lie.
    folder
        Where to write down what came of it.
    registry, name
        The registry's folder, and the artifact's name there.
    by
        Who asked.
    most_rows
        More times than that are refused.
    """
    from tocsin.artifact import bundle
    from tocsin.lifecycle.registry import Registry
    from tocsin.sources import open_table
    from tocsin.training.fit import train
    from tocsin.training.ready import require_training
    from tocsin.training.recipe import Recipe

    asked = TrainingOrder.model_validate_json(order)
    with _told(Path(folder) / OUTCOME, "ModelFailed") as outcome:
        require_training()
        start, end = span_of(asked.start_time, asked.end_time)
        found = _few(
            merged(variables_in(Path(place), asked.data_schema), asked.align_policy, start=start, end=end), most_rows
        )
        outcome["variableStates"] = _plain(found)
        if len(found) < 2 * asked.sliding_window:
            raise _too_few(len(found), asked.sliding_window)
        table = open_table(found.frame(), overrides=found.overrides)
        artifact = train(table, Recipe(detector=asked.detector, window=asked.sliding_window))
        outcome["modelState"] = _epochs(artifact.provenance.curves)
        _write(Path(folder) / OUTCOME, outcome)
        with tempfile.TemporaryDirectory(dir=folder) as aside:
            sealed = Path(aside) / "trained.tocsin"
            bundle.save(artifact, sealed)
            version, _ = Registry(Path(registry)).add(name, sealed, by=by, note=asked.display_name, trusted=True)
    return {"artifact": name, "version": version.version}


def judge_batch(
    *, order: str, place: str, folder: str, artifact: str, policy: str, schema: Any, most_rows: int
) -> dict[str, Any]:
    """Judge readings with an artifact, and write down a row for each time.

    Parameters
    ----------
    order, policy
        The order, and the model's alignment policy, as JSON.
    place, schema
        Where the readings lie, and whether that is one table or a folder of them.
    folder
        Where to write down what came of it.
    artifact
        Path of the artifact.
    most_rows
        More times than that are refused.
    """
    from tocsin.engine.scorer import load
    from tocsin.sources import open_table

    asked, align = BatchOrder.model_validate_json(order), AlignPolicy.model_validate_json(policy)
    with _told(Path(folder) / OUTCOME, "UnexpectedError") as outcome:
        scorer = load(artifact)
        start, end = span_of(asked.start_time, asked.end_time)
        found = _few(merged(variables_in(Path(place), schema), align, end=end), most_rows)
        check_names(found.names, scorer.artifact.schema.names)
        wanted = found.since(start)
        if not len(wanted):
            raise CodedError("NoData", "There is no effective data. Check the start time and end time.")
        outcome["variableStates"] = _plain(wanted)
        table = open_table(found.frame(), overrides=found.overrides, expect=scorer.artifact.layout)
        at = np.flatnonzero(table.readings.time >= start)
        rows = rows_of(scorer.judge(table), at, window=scorer.artifact.window, most=asked.top_contributor_count)
        _write(Path(folder) / OUTCOME, outcome)
        files.write(Path(folder) / RESULT, list(rows))
    return {"rows": len(at)}


def check_names(given: tuple[str, ...], learned: tuple[str, ...]) -> None:
    """Refuse variables that are not those which a model has learned.

    Raises
    ------
    CodedError
        ``FileNotExist`` or ``RedundantFile``, with the first of them.
    """
    if missing := [name for name in learned if name not in given]:
        raise CodedError(
            "FileNotExist", f"File {missing[0][:200]} does not exist: the model has learned that variable."
        )
    if more := [name for name in given if name not in learned]:
        raise CodedError(
            "RedundantFile", f"File {more[0][:200]} is redundant: the model has not learned that variable."
        )


@contextmanager
def _told(path: Path, code: str) -> Iterator[dict[str, Any]]:
    """Have what went wrong written down for whoever asks later.

    What was found out is written by the work itself, before it is done: what is ready changes no more.
    """
    outcome: dict[str, Any] = {"errors": [], "variableStates": []}
    try:
        yield outcome
    except TocsinError as error:
        outcome["errors"] = [error.body() if isinstance(error, CodedError) else {"code": code, "message": str(error)}]
        raise
    finally:
        if outcome["errors"] or "lastUpdatedTime" not in outcome:
            _write(path, outcome)


def _write(path: Path, outcome: dict[str, Any]) -> None:
    outcome["lastUpdatedTime"] = now()
    files.write(path, outcome)


def _few(found: Merged, most: int) -> Merged:
    if len(found) > most:
        raise CodedError("TooManyData", f"Too many data points. Maximum number is {most} per variable.")
    return found


def _too_few(given: int, window: int) -> CodedError:
    return CodedError(
        "NotEnoughInput",
        f"Not enough data. The length of data is {given}, but training needs at least twice the sliding window, "
        f"which is {window}.",
    )


def _plain(found: Merged) -> list[dict[str, Any]]:
    return [state.model_dump(by_alias=True) for state in found.states()]


def _epochs(curves: Mapping[str, tuple[float, ...]]) -> dict[str, Any]:
    """Return the losses of each epoch, where the detector learned in epochs and told of them."""
    training, validation = curves.get("training_loss", ()), curves.get("validation_loss", ())
    return {
        "epochIds": list(range(1, len(training) + 1)),
        "trainLosses": list(training),
        "validationLosses": list(validation),
        "latenciesInSeconds": [],
    }
