"""Where readings come from: files and frames, opened with a guess that people can check and overrule."""

from __future__ import annotations

from tocsin.sources._back import to_frame
from tocsin.sources._cadence import Cadence
from tocsin.sources._finding import Finding
from tocsin.sources._layout import Layout
from tocsin.sources._open import open_table
from tocsin.sources._overrides import Overrides
from tocsin.sources._quality import Quality
from tocsin.sources._spans import in_words
from tocsin.sources._table import Table
from tocsin.sources._write import write_table
from tocsin.sources._written import written_by_tocsin

__all__ = [
    "Cadence",
    "Finding",
    "Layout",
    "Overrides",
    "Quality",
    "Table",
    "in_words",
    "open_table",
    "to_frame",
    "write_table",
    "written_by_tocsin",
]
