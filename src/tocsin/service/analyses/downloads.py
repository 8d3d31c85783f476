"""What people take home: byte for byte what ``tocsin score`` writes for the same file."""

from __future__ import annotations

import secrets
from pathlib import Path

from tocsin.artifact import bundle
from tocsin.engine.reporting import report_of
from tocsin.service.analyses.analysis import Analysis
from tocsin.sources import write_table


def labelled(analysis: Analysis, *, suffix: str, shares: bool) -> Path:
    """Write the file with its verdicts beside it; return where.

    Raises
    ------
    InputError
        If it has a column of the name of one of ours.
    """
    scored = analysis.judged().scored
    path, layout = _place(analysis, suffix), scored.table.layout
    added = scored.columns(shares=shares)
    write_table(path, scored.table.columns, added, separator=layout.separator or ",", decimal=layout.decimal)
    return path


def incidents(analysis: Analysis, *, suffix: str) -> Path:
    """Write the incidents as a table; return where."""
    import polars as pl

    scored = analysis.judged().scored
    path, layout = _place(analysis, suffix), scored.table.layout
    told = pl.DataFrame(scored.incident_columns())
    write_table(path, told, {}, separator=layout.separator or ",", decimal=layout.decimal)
    return path


def report(analysis: Analysis) -> Path:
    """Write the report; return where."""
    from tocsin.evaluation.pages.report import write

    found, path = analysis.judged(), _place(analysis, ".html")
    write(path, report_of(found.scored, found.artifact, title=analysis.name))
    return path


def recalibrated(analysis: Analysis, *, times: float) -> Path:
    """Write the artifact with ``times`` its limit; return where.

    Raises
    ------
    SettingError
        If ``times`` is no multiple that a limit can have.
    """
    from tocsin.training.recalibrate import Asked
    from tocsin.training.recalibrate import recalibrated as with_limit

    found, path = analysis.judged(), _place(analysis, ".tocsin")
    limit = found.slider.at(times)["limit"]
    moving = Asked(alarm={"device": {"*": {"limit_factor": times}}})
    asked = moving if limit is None else Asked(threshold=f"fixed:{limit!r}")
    bundle.save(with_limit(found.artifact, None, asked), path)
    return path


def _place(analysis: Analysis, suffix: str) -> Path:
    return analysis.folder / f"{secrets.token_hex(8)}{suffix}"
