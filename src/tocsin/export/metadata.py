"""What a bare graph says of itself, so that a program that knows ONNX alone can ring by it."""

from __future__ import annotations

import hashlib
import json

from tocsin.artifact.artifact import Artifact
from tocsin.export.starting import starting_limit


def with_metadata(onnx: bytes, artifact: Artifact) -> bytes:
    """Return a graph with names, units, limit and policy in its ``metadata_props``; its nodes stay as they are.

    Parameters
    ----------
    onnx
        The serialised graph.
    artifact
        What it is of.
    """
    from onnx import helper, load_from_string

    model = load_from_string(onnx)
    model.doc_string = "Raw windows, oldest reading first, in; scores out: anomalous above the limit in the metadata."
    helper.set_model_props(model, metadata_of(artifact))
    return bytes(model.SerializeToString(deterministic=True))


def metadata_of(artifact: Artifact) -> dict[str, str]:
    """Return what there is to know beside the graph; all of it as text, lists as JSON."""
    channels, policy = artifact.schema.channels, artifact.policy
    return {
        "format": "tocsin",
        "detector": artifact.provenance.detector,
        "window": str(artifact.window),
        "channels": json.dumps([channel.name for channel in channels], ensure_ascii=False),
        "units": json.dumps([channel.unit for channel in channels], ensure_ascii=False),
        "period_ns": str(artifact.clock.period_ns),
        "limit": repr(starting_limit(artifact)),
        "threshold": artifact.calibration.threshold,
        "raise_after": str(policy.raise_after),
        "release_after": str(policy.release_after),
        "release_below": repr(policy.release_below),
        "graph_sha256": hashlib.sha256(artifact.graph).hexdigest(),
    }
