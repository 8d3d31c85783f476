"""The pictures that results are shown in: curves, scores over time, detections, settings, and matrices.

Each function returns a matplotlib figure that :func:`save` writes; none of them chooses a backend, opens a window or
changes matplotlib's settings.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.core.errors import MissingExtraError
from tocsin.evaluation.pictures._figure_curves import roc_and_pr
from tocsin.evaluation.pictures._figure_explained import explained_plot
from tocsin.evaluation.pictures._figure_matrix import heat_map
from tocsin.evaluation.pictures._figure_series import detection_example, score_plot
from tocsin.evaluation.pictures._figure_settings import sensitivity_plot
from tocsin.evaluation.pictures._figure_trials import Shown, trials_plot
from tocsin.evaluation.pictures._figure_whatif import Bearable, whatif_plot

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Bearable",
    "Shown",
    "detection_example",
    "explained_plot",
    "heat_map",
    "require",
    "roc_and_pr",
    "save",
    "score_plot",
    "sensitivity_plot",
    "trials_plot",
    "whatif_plot",
]

DOTS_PER_INCH = 110


def require(what: str = "Drawing") -> None:
    """Do nothing, or say that matplotlib is missing: to be asked before an hour of work that ends in pictures.

    Raises
    ------
    MissingExtraError
        If matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        raise MissingExtraError(what, extra="train", library="matplotlib")


def save(figure: Figure, path: Path) -> None:
    """Write a figure as PNG or SVG by the suffix; the same figure gives the same bytes, at any time."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)  # by hand, so that no backend is chosen for the rest of the program
    vector = path.suffix.lower() == ".svg"
    with matplotlib.rc_context({"svg.hashsalt": "tocsin"}):
        figure.savefig(path, dpi=DOTS_PER_INCH, metadata={"Date": None} if vector else {"Software": None})
