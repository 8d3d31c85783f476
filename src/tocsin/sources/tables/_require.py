"""Saying in time, and in words, that the extra for files is missing."""

from __future__ import annotations

import importlib

from tocsin.core.errors import MissingExtraError


def require_polars(what: str) -> None:
    """Import Polars.

    Raises
    ------
    MissingExtraError
        If it is not installed; ``what`` begins the sentence.
    """
    try:
        importlib.import_module("polars")
    except ImportError:
        raise MissingExtraError(what, extra="files", library="polars") from None
