"""``tocsin inspect``: what an artifact is, where it comes from, and how far to trust its limit."""

from __future__ import annotations

import json

import typer

from tocsin.cli import _options as opt


def inspect(artifact: opt.ArtifactFile, as_json: opt.AsJson = False) -> None:
    """Show an artifact's channels, settings, threshold with its evidence, policy and provenance."""
    from tocsin.artifact import bundle
    from tocsin.artifact.manifest import describe
    from tocsin.cli._tables import CHOSEN, channel_line, show_pairs, show_sentences
    from tocsin.engine.reporting import provenance_of, relations_of, settings_of, threshold_of

    found = bundle.load(artifact)
    if as_json:
        typer.echo(json.dumps(describe(found, {}).model_dump(mode="json", exclude={"members"}), indent=1))
        return
    show_pairs(f"{artifact}", {"channels": channel_line(found.schema), "graph": f"{len(found.graph):,} bytes"})
    show_pairs("Settings", settings_of(found))
    show_sentences(CHOSEN, found.provenance.why)
    if told := relations_of(found):
        show_pairs("Relations", told)
    show_pairs("Threshold", threshold_of(found))
    show_pairs("Provenance", provenance_of(found))
