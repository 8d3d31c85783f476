"""From an export that has been proven to the page that tells of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.evaluation.pages import export_report
from tocsin.evaluation.pages.export_report import ExportReport
from tocsin.export.export import Export
from tocsin.export.usage import usage
from tocsin.export.words import promised, share


def write(path: Path, done: Export, artifact: Artifact, *, target: str, source: str) -> None:
    """Write the report on an export as one HTML file.

    Parameters
    ----------
    path
        Where it goes.
    done
        The export.
    artifact
        What it was made from.
    target
        The target's name, as it is written.
    source
        The artifact's file name.
    """
    export_report.write(path, report_of(done, artifact, target=target, source=source))


def report_of(done: Export, artifact: Artifact, *, target: str, source: str) -> ExportReport:
    """Return what the page tells of an export; see :func:`write`."""
    proof, main = done.proof, done.paths[0].name
    return ExportReport(
        title=f"{source} → {main}",
        target=target,
        files={name: len(body) for name, body in done.made.files.items()},
        facts={**done.made.facts, "limit": f"{proof.limit:.6g}", "window": f"{artifact.window} readings"},
        notes=done.made.notes,
        promised=promised(proof.promise),
        commands=usage(main, artifact),
        kind=proof.golden.kind,
        own=proof.own.score.astype(np.float64),
        other=proof.other.score.astype(np.float64),
        limit=proof.limit,
        margin=proof.promise.margin,
        rows=[
            (held.kind, held.windows, share(held.apart), held.flips_inside + held.flips_outside, held.flips_inside)
            for held in proof.held
        ],
    )
