"""``tocsin prune``: a trained network with fewer units, learned on, beside the one it was made from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides


def prune(
    artifact: opt.ArtifactFile,
    readings: opt.Readings,
    keep: Annotated[float, typer.Option(help="Share of the units of each layer that stays.")] = 0.5,
    rounds: Annotated[int, typer.Option(help="In how many steps the units leave, learning after each.")] = 3,
    seed: Annotated[int, typer.Option(help="Of the learning.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes. (default: NAME-pruned.tocsin)")
    ] = None,
    labelled: Annotated[
        Path | None, typer.Option(help="Later readings with labels: how well both detect is told.")
    ] = None,
    as_json: opt.AsJson = False,
    config: opt.Config = None,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Make a trained autoencoder smaller: units that contribute least go, and the rest learns on.

    Takes what autoencoder, cnn_autoencoder and lstm_autoencoder have learned; whole units and filters leave, so that
    the artifact is smaller and faster on any machine. READINGS should be those that it has learned from. The limit is
    found anew, on the smaller network's own scores, by the same rule.

    Ends with both side by side, as tocsin footprint has them; with --labelled, also how well each detects. Other
    detectors become smaller with tocsin distill.
    """
    from tocsin.artifact import bundle
    from tocsin.cli._footprints import show_footprints
    from tocsin.cli._places import check_seal
    from tocsin.cli._tables import warn
    from tocsin.export.footprint import weigh_all
    from tocsin.sources import open_table
    from tocsin.training.smaller.prune import Pruning, pruned

    del config  # its [input] is in the overrides
    target = output or artifact.with_name(f"{artifact.stem}-pruned.tocsin")
    check_seal(target, inputs=[artifact, readings, *([] if labelled is None else [labelled])])
    big, pruning = bundle.load(artifact), Pruning(keep=keep, rounds=rounds, seed=seed)
    table, judged = (
        None if path is None else open_table(path, overrides=overrides, expect=big.layout)
        for path in (readings, labelled)
    )
    assert table is not None
    small = pruned(big, table, pruning)
    bundle.save(small, target)
    found = weigh_all([artifact, target], readings=judged)
    if as_json:
        typer.echo(
            json.dumps({"artifact": str(target), "before": found[0].as_dict(), "after": found[1].as_dict()}, indent=1)
        )
        return
    typer.echo(f"{small.provenance.why[-1]}\n")
    show_footprints(found)
    warn(small.calibration.warnings)
    typer.echo(f"→ {target}")
