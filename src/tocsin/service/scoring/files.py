"""A file of readings is scored as the command ``tocsin score`` does it, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import TocsinError
from tocsin.engine.scorer import Scorer
from tocsin.service.bounded import load_bounded
from tocsin.service.settings import Limits
from tocsin.sources import understand, write_table


def score_file(readings: Path, output: Path, artifact: Artifact, *, sort: bool, shares: bool, limits: Limits) -> None:
    """Write a scored file.

    Parameters
    ----------
    readings
        A CSV or Parquet file, told apart by its name.
    output
        Where the scored one goes; its suffix says which of the two it becomes.
    artifact
        What scores.
    sort, shares
        As ``--sort`` and ``--shares`` of the command.
    limits
        How much is taken on.

    Raises
    ------
    InputError
        If it cannot be read as a table, or has too many rows.
    """
    with nameless(readings):
        table = understand(load_bounded(readings, limits=limits), expect=artifact.layout)
        scored = Scorer(artifact).judge(table.in_time_order() if sort else table)
        columns, layout = scored.columns(shares=shares), table.layout
        write_table(output, table.columns, columns, separator=layout.separator or ",", decimal=layout.decimal)


@contextmanager
def nameless(path: Path, name: str = "The file") -> Iterator[None]:
    """Have errors call a file by ``name``: where it lies here is nobody's business."""
    try:
        yield
    except TocsinError as error:
        error.message = error.message.replace(str(path), name)
        error.remedy = error.remedy.replace(str(path), name)
        raise
