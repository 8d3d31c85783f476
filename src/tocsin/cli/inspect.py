"""``tocsin inspect``: what an artifact is, where it comes from, and how far to trust its limit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from tocsin.cli import _options as opt

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact
    from tocsin.artifact.calibration import Calibration


def inspect(artifact: opt.ArtifactFile, trusted_key: opt.TrustedKeys = None, as_json: opt.AsJson = False) -> None:
    """Show an artifact's channels, settings, threshold with its evidence, policy and provenance."""
    from tocsin.artifact import bundle
    from tocsin.artifact.manifest import describe
    from tocsin.artifact.signature import signer
    from tocsin.cli._tables import CHOSEN, show_pairs, show_sentences
    from tocsin.cli._trusting import trusting
    from tocsin.engine.facts import channel_line
    from tocsin.engine.reporting import provenance_of, relations_of, settings_of, threshold_of

    found = bundle.load(artifact, trust=trusting(trusted_key, None))
    key = signer(artifact)
    if as_json:
        told = describe(found, {}).model_dump(mode="json", exclude={"members"})
        typer.echo(json.dumps({**told, "signed_by": key or None}, indent=1))
        return
    known = {"channels": channel_line(found.schema), "graph": f"{len(found.graph):,} bytes"}
    checked = "checked" if trusted_key else "unchecked: see --trusted-key"
    show_pairs(f"{artifact}", known | ({"signed by": f"{key} ({checked})"} if key else {}))
    show_pairs("Settings", settings_of(found))
    show_sentences(CHOSEN, found.provenance.why)
    if told := relations_of(found):
        show_pairs("Relations", told)
    show_pairs("Threshold", threshold_of(found))
    show_sentences("Evidence for the limit", found.calibration.said)
    show_sentences("Earlier limits, the last first", [_in_a_line(found, one) for one in reversed(found.earlier)])
    show_pairs("Provenance", provenance_of(found))


def _in_a_line(artifact: Artifact, earlier: Calibration) -> str:
    """Return a calibration that has been replaced, in a line."""
    from tocsin.engine.reporting import threshold_of

    told = threshold_of(replace(artifact, calibration=earlier))
    warned = " It warned: " + told["warning"] if "warning" in told else ""
    return f"{told['threshold']}, limit {told['limit']}, found from {told['found from']}.{warned}"
