"""A first look at a table, before anything is trained: pictures of the channels, and the quality report beside them."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.core.errors import MissingExtraError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from tocsin.sources import Table

__all__ = ["explore"]

DOTS_PER_INCH = 110


def explore(table: Table, folder: Path) -> tuple[Path, ...]:
    """Write what a person should look at first, and return the files.

    Parameters
    ----------
    table
        The table, as :func:`tocsin.sources.open_table` gives it.
    folder
        Where the files go; made if it is not there.

    Returns
    -------
    tuple of Path
        ``eda_preview.png`` (the channels over time, gaps and labelled stretches shaded), ``eda_corr.png`` (how the
        channels move together), ``quality.json`` and ``quality.txt``.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingExtraError("Drawing the channels", extra="train", library="matplotlib")
    from tocsin.evaluation.pictures._explore_corr import correlation_figure
    from tocsin.evaluation.pictures._explore_preview import preview_figure

    folder.mkdir(parents=True, exist_ok=True)
    _save(preview_figure(table), folder / "eda_preview.png")
    _save(correlation_figure(table.readings), folder / "eda_corr.png")
    quality = json.dumps(table.quality.as_dict(), indent=2, ensure_ascii=False)
    (folder / "quality.json").write_text(quality + "\n", encoding="utf-8")
    (folder / "quality.txt").write_text("\n".join(table.quality.lines()) + "\n", encoding="utf-8")
    return tuple(folder / name for name in ("eda_preview.png", "eda_corr.png", "quality.json", "quality.txt"))


def _save(figure: Figure, path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)  # by hand, so that no backend is chosen for the rest of the program
    figure.savefig(path, dpi=DOTS_PER_INCH)
