"""``tocsin evaluate``: how good scores and alarms were, wherever somebody has labelled the readings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.evaluation.judgement import Judgement
    from tocsin.evaluation.scored_file import Marks, Read
    from tocsin.sources import Table


def evaluate(
    scored: Annotated[Path, typer.Argument(help="Scored CSV or Parquet with labels.", show_default=False)],
    json_file: Annotated[Path | None, typer.Option("--json", help="Everything as JSON, to this file.")] = None,
    report: Annotated[Path | None, typer.Option(help="HTML report, complete in one file.")] = None,
    score: Annotated[str | None, typer.Option(help="Column of scores, higher is stranger. (default: score)")] = None,
    flag: Annotated[str | None, typer.Option(help="Column that holds 1 or true where a reading is flagged.")] = None,
    limit: Annotated[float | None, typer.Option(help="Readings that score above it are flagged.")] = None,
    buffer: opt.Buffer = None,
    intervals: Annotated[
        bool, typer.Option("--intervals/--no-intervals", help="95 % intervals; they take most of the time.")
    ] = True,
    config: opt.Config = None,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Judge a scored table against its labels: what people would hear, what lies above the limit, and how scores rank.

    Takes what `tocsin score` wrote, or any table with a column of scores; without flags or a limit, only what needs
    none is told. Readings without a score are left out and counted. The limit must come from other readings: no best
    limit is looked for on the labels.
    """
    from tocsin.cli._lab import check_buffer
    from tocsin.cli._places import check_places
    from tocsin.engine.reporting import kinds_of
    from tocsin.evaluation.judgement import judge
    from tocsin.evaluation.scored_file import Marks, open_scored, read_outcome

    del config  # its [input] is in the overrides

    check_places([json_file, report], inputs=[scored])
    marks = Marks(score=score, flag=flag, limit=limit)
    table = open_scored(scored, overrides=overrides, marks=marks)
    check_buffer(buffer, readings=len(table))
    read = read_outcome(table, marks, kinds=kinds_of(table))
    found = judge(read.outcome, window=buffer, intervals=intervals, flagged=read.flagged)
    facts = _facts(scored, table, marks, found)
    if json_file is not None:
        json_file.write_text(json.dumps(_for_machines(facts, read, found), indent=1, ensure_ascii=False), "utf-8")
    if report is not None:
        from tocsin.evaluation.pages.eval_report import Evaluation, write

        write(report, Evaluation(scored.name, read, found, facts=facts, devices=table.devices))
    _tell(facts, read, found)
    for written in (json_file, report):
        if written is not None:
            typer.echo(f"→ {written}")


def _facts(path: Path, table: Table, marks: Marks, found: Judgement) -> dict[str, str]:
    """Return what was judged, as text by name."""
    devices = f" of {len(table.devices)} devices" if len(table.devices) > 1 else ""
    return {
        "file": str(path),
        "label": f"{table.layout.label}, marks {found.labelled + found.left_out_labelled:,} of {len(table):,} readings",
        "score": f"{marks.score or 'score'}, of {found.scored:,} readings{devices}",
        "flags": _flags(marks, found),
        "labelled events": f"{found.events:,}, {found.base_rate or 0:.2%} of the readings".replace("%", " %"),
        "VUS": f"buffers of up to {found.vus_window} readings",
    }


def _flags(marks: Marks, found: Judgement) -> str:
    if found.points is None:
        return "none: only what needs no limit is told; name a column with --flag, or give --limit"
    if marks.flag is not None:
        return f"column {marks.flag}"
    return "score above the limit in force" if marks.limit is None else f"score above {marks.limit:g}"


def _for_machines(facts: dict[str, str], read: Read, found: Judgement) -> dict[str, Any]:
    from tocsin.evaluation.judgement.cautions import cautions

    return {"judged": facts, **found.as_dict(), "cautions": cautions(found), "notes": read.notes}


def _tell(facts: dict[str, str], read: Read, found: Judgement) -> None:
    from tocsin.cli._tables import show_pairs, show_recall, warn
    from tocsin.evaluation.judgement.cautions import cautions

    warn((*read.notes, *cautions(found)))
    show_pairs("Judged", facts)
    _show_figures(found, policy=read.policy)
    if found.kinds is not None:
        show_recall(found.kinds, title="Events with a reading above the limit, by kind and size")
    if found.kinds_told is not None and read.policy:
        show_recall(found.kinds_told, title="Events told in an alarm, by kind and size")


def _show_figures(found: Judgement, *, policy: bool) -> None:
    from rich.table import Table as Grid
    from rich.text import Text

    from tocsin.cli._shell import console
    from tocsin.evaluation.judgement.explained import explained

    out = console()
    for group in explained(found, policy=policy):
        grid = Grid(box=None, show_header=False, padding=(0, 1, 0, 2))
        grid.add_column(width=19)
        grid.add_column(width=6, justify="right", style="bold")
        grid.add_column(width=13, style="dim", no_wrap=True)
        grid.add_column(overflow="fold")
        for line in group.lines:
            grid.add_row(line.title, line.value, line.interval, line.meaning)
        out.print(Text(group.title, style="bold").append(f"  {group.remark}", style="not bold dim"))
        out.print(grid)
