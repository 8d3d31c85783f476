"""What an artifact takes on a small machine, beside what it is worth: size, arithmetic, time, memory, detection."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError
from tocsin.core.progress import report
from tocsin.engine.scored import Scored
from tocsin.export.detection import Detection, agreement_of, detection_of, scored_by
from tocsin.export.flop import flop
from tocsin.export.parameters import parameters
from tocsin.sources import Table

__all__ = ["Footprint", "flop", "parameters", "weigh", "weigh_all"]

_CHILD = "tocsin.export._weighing"
_PATIENCE_S = 120


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """What an artifact takes, and what it is worth.

    Parameters
    ----------
    name
        Of the file.
    detector
        Which detector it is.
    parameters
        Numbers that were learned: see :func:`~tocsin.export.parameters.parameters`.
    graph_bytes, artifact_bytes
        The graph as it lies in memory, and the whole file, packed.
    flop
        Floating-point operations for a reading: see :func:`~tocsin.export.flop.flop`.
    reading_p50_us, reading_p99_us
        Microseconds for one reading of one device through the whole pipeline, on one thread.
    window_us
        Microseconds for a window in batches through the graph alone, on one thread.
    memory_bytes
        The most memory that a process held which does nothing but score; None where the system does not tell.
    detection
        Figures on labelled readings, where there are any.
    agreement
        Share of the readings about which it says the same as the first artifact of a table.
    """

    name: str
    detector: str
    parameters: int
    graph_bytes: int
    artifact_bytes: int
    flop: int
    reading_p50_us: float
    reading_p99_us: float
    window_us: float
    memory_bytes: int | None
    detection: Detection | None = None
    agreement: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, ready for JSON."""
        return asdict(self)


def weigh(path: str | os.PathLike[str], *, readings: Table | None = None) -> Footprint:
    """Weigh an artifact: count it, time it in a process of its own, and judge it on labelled readings.

    Parameters
    ----------
    path
        The artifact's file.
    readings
        Readings with labels, later than those it has learned from; None leaves out how well it detects.

    Raises
    ------
    ArtifactError
        If it cannot be read, counted or run.
    """
    return weigh_all([path], readings=readings)[0]


def weigh_all(paths: Sequence[str | os.PathLike[str]], *, readings: Table | None = None) -> tuple[Footprint, ...]:
    """Weigh artifacts one after the other; the verdicts of all are compared with the first one's.

    Parameters
    ----------
    paths
        The artifacts' files, that to compare with first.
    readings
        Readings to score; how well each detects is told where they have labels.

    Raises
    ------
    ArtifactError, InputError
        If one cannot be read, counted or run, or the readings are of other channels.
    """
    found: list[Footprint] = []
    first: Scored | None = None
    for done, path in enumerate(map(Path, paths)):
        report("weighing", done, len(paths), path.name)
        artifact = bundle.load(path)
        scored = None if readings is None else scored_by(artifact, readings)
        first = first or scored
        found.append(_weighed(path, artifact, scored, first))
    report("weighing", len(paths), len(paths))
    return tuple(found)


def _weighed(path: Path, artifact: Artifact, scored: Scored | None, first: Scored | None) -> Footprint:
    both = None if scored is None or first is None else (first.verdicts, scored.verdicts)
    return Footprint(
        name=path.name,
        detector=artifact.provenance.detector,
        parameters=parameters(artifact.graph),
        graph_bytes=len(artifact.graph),
        artifact_bytes=path.stat().st_size,
        flop=flop(artifact.graph),
        detection=None if scored is None else detection_of(scored),
        agreement=None if both is None else agreement_of(*both),
        **costs(path),
    )


def costs(path: Path) -> dict[str, Any]:
    """Return the time and memory that scoring takes, as :func:`tocsin.export._weighing.told` tells them.

    Raises
    ------
    ArtifactError
        If a process of its own cannot score with it, or takes two minutes for it.
    """
    command = [sys.executable, "-m", _CHILD, str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
    except (subprocess.SubprocessError, OSError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        raise ArtifactError(
            f"{path.name} cannot be timed: {''.join(said)}", remedy="Check it with: tocsin verify ARTIFACT READINGS"
        ) from None
    found: dict[str, Any] = json.loads(done.stdout)
    return found
