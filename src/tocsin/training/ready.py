"""Saying at once, not after the readings were read, that training needs more than scoring does."""

from __future__ import annotations

from importlib.util import find_spec

from tocsin.core.errors import MissingExtraError

NEEDED = ("polars", "onnx")
"""What every training takes; a detector that needs more says so itself."""


def require_training() -> None:
    """Raise unless what every training needs is installed.

    Raises
    ------
    MissingExtraError
        With the extra that brings it.
    """
    for library in NEEDED:
        if find_spec(library) is None:
            raise MissingExtraError("Training", extra="train", library=library)
