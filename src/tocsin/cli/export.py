"""``tocsin export``: an artifact for another machine, written only if it says the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import _options as opt
from tocsin.cli._shell import CHECK_FAILED
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact
    from tocsin.core.arrays import Float32Array
    from tocsin.export.export import Export
    from tocsin.export.proof import Proof


def export(
    artifact: opt.ArtifactFile,
    readings: Annotated[
        Path | None,
        typer.Argument(
            metavar="READINGS",
            help="Normal readings to calibrate and prove it on. (default: the windows that the artifact holds)",
            show_default=False,
        ),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", help="onnx, onnx-int8, c, c-int8, or one of another package's.")
    ] = "onnx",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes. (default: NAME.onnx, NAME.c)")
    ] = None,
    setting: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting of the target.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="HTML report of the proof, complete in one file.")] = None,
    seed: Annotated[int, typer.Option(help="Of the golden windows.")] = 0,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Turn an artifact into what a small machine or another program runs, and prove that it says the same.

    onnx: an artifact again (OUT.tocsin), or its bare graph for other runtimes (OUT.onnx). onnx-int8: the same with
    small weights. c: one C99 file for a microcontroller, and its header; c-int8: the same in whole numbers.

    Artifact and export both score golden windows: normal ones, faults of all sizes, values far out, and windows that
    lie within a thousandth of the limit. Where the export turns a verdict, or strays further than its target promises,
    nothing is written, the place is shown, and the exit code is 1.
    """
    from tocsin.artifact import bundle
    from tocsin.cli._places import check_places, check_seal
    from tocsin.export.choose import target_of
    from tocsin.export.export import export as made_and_proven
    from tocsin.export.refused import ExportRefusedError

    del config  # its [input] is in the overrides
    chosen = target_of(target, setting or [])
    out = output or artifact.with_suffix(f".{target.partition('-')[0]}")
    read = [artifact, *([] if readings is None else [readings])]
    check_places([out, report], inputs=read)
    if out.suffix == artifact.suffix:
        check_seal(out, inputs=read)
    held = bundle.load(artifact)
    normal = None if readings is None else _windows(held, readings, overrides)
    try:
        done = made_and_proven(held, chosen, out, normal=normal, seed=seed)
    except ExportRefusedError as refused:
        _refuse(refused, as_json)
        raise typer.Exit(CHECK_FAILED) from None
    if report is not None:
        from tocsin.export.page import write

        write(report, done, held, target=target, source=artifact.name)
    if as_json:
        typer.echo(json.dumps(_facts(done, report), indent=1))
    else:
        _tell(done, f"Exported {artifact} → {out}", report)


def _windows(artifact: Artifact, readings: Path, overrides: Overrides) -> Float32Array:
    from tocsin.engine.normal_windows import normal_windows
    from tocsin.sources import open_table

    return normal_windows(artifact, open_table(readings, overrides=overrides, expect=artifact.layout))


def _tell(done: Export, title: str, report: Path | None) -> None:
    from tocsin.cli._tables import show_pairs, show_sentences

    files = {path.name: f"{path.stat().st_size:,} bytes" for path in done.paths}
    show_pairs(title, {**files, **done.made.facts})
    _show_proof(done.proof)
    show_sentences("Before you use it", done.made.notes)
    if report is not None:
        typer.echo(f"→ {report}")


def _refuse(refused: Exception, as_json: bool) -> None:
    from tocsin.export.refused import ExportRefusedError

    assert isinstance(refused, ExportRefusedError)
    if as_json:
        typer.echo(json.dumps({"files": [], "proof": _proof_facts(refused.proof)}, indent=1))
        return
    _show_proof(refused.proof)
    typer.echo(f"{typer.style('refused:', fg='red', bold=True)} {refused}", err=True)


def _show_proof(proof: Proof) -> None:
    """Print how both agree, kind by kind."""
    from rich.padding import Padding
    from rich.table import Table as Grid
    from rich.text import Text

    from tocsin.cli._shell import console
    from tocsin.export.words import promised, share

    grid = Grid(box=None, padding=(0, 2, 0, 2), title="Proof", title_justify="left", title_style="bold")
    for name in ("golden windows", "number", "scores apart", "verdicts turned", "of them within the margin"):
        grid.add_column(name, justify="left" if name == "golden windows" else "right")
    for held in proof.held:
        turned = held.flips_inside + held.flips_outside
        grid.add_row(held.kind, str(held.windows), share(held.apart), str(turned), str(held.flips_inside))
    out = console()
    out.print(grid)
    out.print(Padding(Text(promised(proof.promise)), (0, 0, 0, 2)))


def _facts(done: Export, report: Path | None) -> dict[str, Any]:
    return {
        "files": [{"path": str(path), "bytes": path.stat().st_size} for path in done.paths],
        "facts": dict(done.made.facts),
        "notes": list(done.made.notes),
        "proof": _proof_facts(done.proof),
        "report": None if report is None else str(report),
    }


def _proof_facts(proof: Proof) -> dict[str, Any]:
    from tocsin.export.words import proof_facts

    return proof_facts(proof)
