"""``tocsin score``: a verdict for every row, incidents, and a report to show to a colleague."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact
    from tocsin.engine.scored import Scored
    from tocsin.sources import Finding

_ASIDE = "The table has a column anomaly of its own, so the verdicts stand in tocsin_anomaly."


def score(
    artifact: opt.ArtifactFile,
    readings: opt.Readings,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Scored CSV or Parquet.")] = None,
    output_format: Annotated[
        Literal["table", "lookout"],
        typer.Option("--format", help="Of --output; lookout: Lookout for Equipment's lines."),
    ] = "table",
    report: Annotated[Path | None, typer.Option(help="HTML report, complete in one file.")] = None,
    incidents: Annotated[Path | None, typer.Option(help="Incidents as CSV or Parquet.")] = None,
    shares: Annotated[bool, typer.Option("--shares", help="Add a column share_<channel> for each channel.")] = False,
    in_time_order: Annotated[
        bool, typer.Option("--sort", help="Take the rows in order of time instead of the file's; written as they came.")
    ] = False,
    trusted_key: opt.TrustedKeys = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Score readings: each by what came before it alone, exactly as a live stream would.

    The scored file holds every input column untouched and in order, then score, limit, severity, anomaly (is the score
    above the limit?), status, cause and incident_id (what the alarm policy told).
    """
    from tocsin.artifact import bundle
    from tocsin.cli._places import check_places
    from tocsin.cli._trusting import trusting
    from tocsin.engine.scored import ASIDE
    from tocsin.engine.scorer import Scorer
    from tocsin.sources import open_table, write_table

    check_places([output, incidents, report], inputs=[artifact, readings])
    scorer = Scorer(bundle.load(artifact, trust=trusting(trusted_key, config)))
    table = open_table(readings, overrides=overrides, expect=scorer.artifact.layout)
    scored = scorer.judge(table.in_time_order() if in_time_order else table)
    layout, remark = table.layout, ""
    if output is not None and output_format == "lookout":
        remark = _write_lines(output, scored, component=readings.stem)
    elif output is not None:
        columns = scored.columns(shares=shares)
        remark = _ASIDE if ASIDE in columns else ""
        write_table(output, table.columns, columns, separator=layout.separator or ",", decimal=layout.decimal)
    if incidents is not None:
        import polars as pl

        told = scored.incident_columns()
        write_table(incidents, pl.DataFrame(told), {}, separator=layout.separator or ",", decimal=layout.decimal)
    if report is not None:
        from tocsin.engine.reporting import report_of
        from tocsin.evaluation.pages.report import write

        write(report, report_of(scored, scorer.artifact, title=readings.name))
    if as_json:
        _tell_machines(scored, scorer.artifact)
        return
    _tell(scored, scorer.artifact, readings, in_time_order)
    if remark:
        typer.echo(remark)
    for written in (output, incidents, report):
        if written is not None:
            typer.echo(f"→ {written}")


def _write_lines(output: Path, scored: Scored, *, component: str) -> str:
    """Write the lines that Lookout for Equipment wrote; return what to say of it."""
    from tocsin.engine.lookout import write_lookout

    lines = write_lookout(output, scored, component=component)
    return f"{lines:,} lines; what has no score has none."


def _tell_machines(scored: Scored, artifact: Artifact) -> None:
    from tocsin.engine.compare import notes_of
    from tocsin.engine.facts import score_facts

    quality = [asdict(finding) for finding in _warnings(scored)]
    told = score_facts(scored) | {"notes": notes_of(scored.table, artifact), "quality": quality}
    typer.echo(json.dumps(told, indent=1))


def _tell(scored: Scored, artifact: Artifact, readings: Path, in_time_order: bool) -> None:
    from tocsin.cli._tables import show_pairs, warn
    from tocsin.engine.compare import notes_of
    from tocsin.engine.facts import MANY_LATE, late_share, score_facts

    warn((*notes_of(scored.table, artifact), *(finding.text for finding in _warnings(scored))))
    show_pairs(f"Scored {readings}", score_facts(scored))
    if not in_time_order and (late := late_share(scored)) > MANY_LATE:
        typer.echo(
            f"{late:.0%} of the rows came late, after their time was closed. If the file is out of order: --sort"
        )


def _warnings(scored: Scored) -> list[Finding]:
    return [finding for finding in scored.table.quality.findings if finding.level == "warning"]
