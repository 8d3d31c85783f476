"""The verdict on the last reading of a window that comes with the request."""

from __future__ import annotations

from typing import Any

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError
from tocsin.engine.scorer import Scorer
from tocsin.service.azure.asked import AlignPolicy, LastOrder
from tocsin.service.azure.errors import CodedError, coded
from tocsin.service.azure.merged import Merged, merged
from tocsin.service.azure.rows import rows_of
from tocsin.service.azure.variables import variables_of
from tocsin.service.azure.work import check_names
from tocsin.sources import open_table


def judge_last(artifact: Artifact, order: LastOrder, policy: AlignPolicy) -> dict[str, Any]:
    """Return the verdict on the last of the readings given, ready for JSON.

    It is the verdict that ``tocsin score`` gives on the last row of a file with these readings.

    Parameters
    ----------
    artifact
        The model.
    order
        The readings.
    policy
        How the model puts variables side by side.

    Raises
    ------
    CodedError
        If they cannot be judged.
    """
    found = merged(variables_of(order.variables), policy)
    check_names(found.names, artifact.schema.names)
    if len(found) < _needed(artifact):
        raise CodedError(
            "NotEnoughInput",
            f"Not enough data. The length of data is {len(found)}, but the minimum length is the sliding window, "
            f"which is {artifact.window}, and one more where a variable is a counter.",
        )
    return {"variableStates": _states(found), "results": [_row(artifact, found, order.top_contributor_count)]}


def _needed(artifact: Artifact) -> int:
    """Return how many readings a verdict takes: what a counter has counted, only two readings tell."""
    return artifact.window + ("counter" in artifact.kinds)


def _row(artifact: Artifact, found: Merged, most: int) -> dict[str, Any]:
    try:
        table = open_table(found.frame(), overrides=found.overrides, expect=artifact.layout)
        scored = Scorer(artifact).judge(table)
    except InputError as error:
        raise coded(error, "MergeDataFailed") from None
    return next(rows_of(scored, np.array([len(table) - 1]), window=artifact.window, most=most))


def _states(found: Merged) -> list[dict[str, Any]]:
    return [state.model_dump(by_alias=True) for state in found.states()]
