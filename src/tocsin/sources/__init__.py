"""Where readings come from: files and frames, opened with a guess that people can check and overrule."""

from __future__ import annotations

from tocsin.sources.tables._back import to_frame
from tocsin.sources.tables._cadence import Cadence
from tocsin.sources.tables._finding import Finding
from tocsin.sources.tables._gathered import Gathered, gathered, read_periods
from tocsin.sources.tables._layout import Layout
from tocsin.sources.tables._loaded import Loaded
from tocsin.sources.tables._open import kinds_of_columns, load_columns, open_table, understand
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._quality import Quality
from tocsin.sources.tables._spans import in_words
from tocsin.sources.tables._table import Table
from tocsin.sources.tables._write import write_table
from tocsin.sources.tables._written import written_by_tocsin

__all__ = [
    "Cadence",
    "Finding",
    "Gathered",
    "Layout",
    "Loaded",
    "Overrides",
    "Quality",
    "Table",
    "gathered",
    "in_words",
    "kinds_of_columns",
    "load_columns",
    "open_table",
    "read_periods",
    "to_frame",
    "understand",
    "write_table",
    "written_by_tocsin",
]
