"""``tocsin verify``: the promise that cutting readings differently changes nothing, checked on yours."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.cli._shell import CHECK_FAILED
from tocsin.sources import Overrides


def verify(
    artifact: opt.ArtifactFile,
    readings: opt.Readings,
    rows: Annotated[int, typer.Option(min=1, help="Use the first so many rows.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Of the random cuts.")] = 0,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Score readings whole, row by row, in random slices, restarted, device by device and as a fleet, and compare.

    All verdicts and incidents must be the same, bit for bit. Exit code 1 and the first difference if they are not. This
    shows that cutting changes nothing, not that the scores are good.
    """
    from tocsin.cli._tables import warn
    from tocsin.engine.compare import notes_of
    from tocsin.engine.scorer import load
    from tocsin.engine.verify import verify as check
    from tocsin.sources import open_table

    del config  # its [input] is in the overrides
    scorer = load(artifact)
    table = open_table(readings, overrides=overrides, expect=scorer.artifact.layout)
    notes = notes_of(table, scorer.artifact)
    if not as_json:
        warn(notes)
    checks = []
    for found in check(scorer.artifact, table.readings.take(slice(0, rows)), table.devices, seed=seed):
        checks.append(found)
        if not as_json:
            verdict = "same" if found.passed else "DIFFERS"
            typer.echo(f"{found.name:<22} {found.readings:>8} readings  {verdict}  {found.difference}".rstrip())
    if as_json:
        told = [{"check": c.name, "readings": c.readings, "difference": c.difference or None} for c in checks]
        typer.echo(json.dumps({"checks": told, "notes": notes}, indent=1))
    if not all(found.passed for found in checks):
        raise typer.Exit(CHECK_FAILED)
