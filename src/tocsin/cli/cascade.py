"""``tocsin cascade``: what an edge and a centre together would have done with readings of the past."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides


def cascade(
    edge: Annotated[Path, typer.Argument(metavar="EDGE", help="The edge's small *.tocsin file.", show_default=False)],
    centre: Annotated[
        Path, typer.Argument(metavar="CENTRE", help="The centre's larger *.tocsin file.", show_default=False)
    ],
    readings: opt.Readings,
    forward: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="The forwarding level: a share of the edge's limit.")
    ] = 0.8,
    before: Annotated[int, typer.Option(min=1, help="Readings of context in front of what is forwarded.")] = 64,
    after: Annotated[int, typer.Option(min=0, help="Readings of context behind it.")] = 64,
    gather: Annotated[str, typer.Option(metavar="TIME", help="So long a message of the uplink gathers.")] = "5s",
    report: Annotated[Path | None, typer.Option(help="HTML report, complete in one file.")] = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Rehearse a cascade: an edge that forwards only what is strange, and a centre that judges it again.

    Told is what would have been sent, in bytes, against what came in, and what that would have cost: events that the
    centre finds when it sees every reading, and would miss; alarms that would come later; incidents that would differ.
    Labelled readings are best; without labels, the centre's own incidents on all readings are what must not be missed.
    """
    from tocsin.artifact import bundle
    from tocsin.cascade import rehearsal_words as words
    from tocsin.cascade.rehearsal import rehearse
    from tocsin.cli._places import check_places
    from tocsin.engine.forward import Forward
    from tocsin.sources import open_table
    from tocsin.wiring.durations import duration_ns

    del config  # its [input] is in the overrides
    check_places([report], inputs=[edge, centre, readings])
    small, big = bundle.load(edge), bundle.load(centre)
    table = open_table(readings, overrides=overrides, expect=big.layout).in_time_order()
    law = Forward(level=forward, before=before, after=after)
    found = rehearse(small, big, table, forward=law, gather_ns=duration_ns(gather, where="--gather"))
    facts = words.facts(found, law, files=(edge.name, centre.name, readings.name), gather=gather)
    if report is not None:
        from tocsin.evaluation.pages.cascade_report import write

        write(report, words.page(found, table, facts=facts, title=f"{edge.name} → {centre.name}"))
    if as_json:
        typer.echo(json.dumps(words.document(found), indent=1))
        return
    _tell(words.headline(found), words.HEADS, words.rows(found), words.notes(found))
    if report is not None:
        typer.echo(f"→ {report}")


def _tell(headline: str, heads: tuple[str, ...], rows: list[list[str]], notes: list[tuple[str, str]]) -> None:
    from rich.table import Table

    from tocsin.cli._shell import console

    out = console()
    out.print(headline)
    table = Table(box=None, header_style="dim", pad_edge=False)
    for name in heads:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*row)
    out.print(table)
    for level, note in notes:
        out.print(note, style="yellow" if level == "warning" else "dim")
