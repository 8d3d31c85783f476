"""``tocsin footprint``: what artifacts take on a small machine, beside what they are worth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides


def footprint(
    artifacts: Annotated[
        list[Path],
        typer.Argument(
            metavar="ARTIFACT...", help="Trained *.tocsin files, that to compare with first.", show_default=False
        ),
    ],
    readings: Annotated[
        Path | None, typer.Option(help="Readings to score; with labels, how well each detects is told.")
    ] = None,
    as_json: opt.AsJson = False,
    config: opt.Config = None,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Weigh artifacts: parameters, bytes, FLOP, microseconds a reading, memory, and how well they detect.

    Parameters and FLOP are counted from the graph. Time and memory are measured here and now, one artifact after the
    other, each in a process of its own that does nothing but score on one thread: leave the machine alone meanwhile,
    and compare figures of one run. Beside each figure stands its ratio to the first artifact's.

    With --readings, all score the same readings, which should lie after those that they have learned from. The lab
    judges them as tocsin evaluate does, and verdicts are compared with the first artifact's.
    """
    from tocsin.artifact import bundle
    from tocsin.cli._footprints import show_footprints
    from tocsin.export.footprint import weigh_all
    from tocsin.sources import open_table

    del config  # its [input] is in the overrides
    expected = bundle.load(artifacts[0]).layout
    table = None if readings is None else open_table(readings, overrides=overrides, expect=expected)
    found = weigh_all(artifacts, readings=table)
    if as_json:
        typer.echo(json.dumps([one.as_dict() for one in found], indent=1))
    else:
        show_footprints(found)
