"""Whether a pushed artifact may judge here: signed, sound, for these channels, and with the same scores on this CPU."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.artifact.trust import Trust
from tocsin.cascade.envelope import Envelope
from tocsin.core.errors import ArtifactError
from tocsin.graph.run import Runner

APART = 1e-5
"""Greatest difference of a score between two hosts, as a share of the greater of score and limit."""


@dataclass(frozen=True, eq=False)
class Accepted:
    """An artifact that may judge, and its number in the registry."""

    artifact: Artifact
    number: int


def accepted(place: Path, envelope: Envelope, *, now: Path, trust: Trust, prove: bool = False) -> Artifact:
    """Return the artifact in a file, or say why it may not judge.

    Parameters
    ----------
    place
        The file.
    envelope
        In which it came.
    now
        The artifact that judges now.
    trust
        Whose signature it must bear.
    prove
        Are the golden windows scored, too? Only once it has been tried out elsewhere.

    Raises
    ------
    ArtifactError
        With what is wrong.
    """
    artifact = bundle.load(place, trust=trust)
    _check_channels(artifact, bundle.load(now))
    if prove:
        _check_scores(artifact, envelope)
    return artifact


def _check_channels(artifact: Artifact, now: Artifact) -> None:
    there = {channel.name: channel for channel in now.schema.channels}
    if lacking := [name for name in artifact.schema.names if name not in there]:
        raise ArtifactError(
            f"It judges {', '.join(lacking)}, which the devices here do not send as far as anybody knows.",
            remedy=f"Train it on some of: {', '.join(there)}.",
        )
    if artifact.provenance.row_clock != now.provenance.row_clock:
        raise ArtifactError(
            "One of it and of the artifact in force counts rows, and the other goes by times.",
            remedy="Train it on readings like those that come.",
        )
    for channel in artifact.schema.channels:
        unit = there[channel.name].unit
        if unit and channel.unit and unit != channel.unit:
            raise ArtifactError(f"Its {channel.name} is in {channel.unit}, here it is in {unit}.", remedy="Convert it.")


def _check_scores(artifact: Artifact, envelope: Envelope) -> None:
    shape = (artifact.window, len(artifact.schema))
    if not len(envelope.windows) or envelope.windows.shape[1:] != shape:
        raise ArtifactError("The push holds no golden windows that fit its artifact.", remedy="Push it anew.")
    run = Runner(artifact.graph)
    found = np.concatenate([run(envelope.windows[k : k + 1]).score for k in range(len(envelope.windows))])
    found = np.stack([found, run(envelope.windows).score]).astype(np.float64)
    limit = float(getattr(artifact.calibration.limits, "limit", 0.0))
    wanted = envelope.scores
    with np.errstate(invalid="ignore"):
        apart = np.abs(found - wanted) / np.maximum(np.maximum(np.abs(wanted), abs(limit)), 1e-30)
    same = (apart <= APART) | (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    if not same.all():
        batch, worst = (int(place) for place in np.argwhere(~same)[0])
        raise ArtifactError(
            f"It computes other scores here than where it was pushed from: {found[batch, worst]:.7g} instead of "
            f"{wanted[worst]:.7g} for golden window {worst + 1}.",
            remedy="Look for another version of onnxruntime, or report this processor.",
        )
