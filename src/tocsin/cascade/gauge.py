"""The gauge: shown every verdict of a watch, it keeps counts and sketches, by duty and artifact."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.cascade.observed import Observed
from tocsin.core.frames import Frame
from tocsin.core.notices import Notice
from tocsin.core.sketch import Sketch
from tocsin.core.verdicts import Status

Key = tuple[str, str]
"""Name of a duty, and what tells the artifact's versions apart."""

_MOST_FRAMES = 256
"""Frames that wait to be counted; counting many at once costs little more than counting one."""
_MOST_KEPT = 8
"""Artifacts that are remembered; the oldest goes first."""


class Gauge:
    """Counts verdicts and sketches scores and values. May be used from several threads.

    Examples
    --------
    ::

        gauge = Gauge()
        feed = Feed("plant", source, duties, store, onlooker=gauge.show)
        gauge.observed()[("", duty.version)].flagged
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[int, Frame]] = []
        self._found: dict[Key, Observed] = {}

    def expect(self, duty: str, version: str, artifact: Artifact) -> None:
        """Take note that an artifact is in force, and of what its limit was found from."""
        with self._lock:
            if (duty, version) in self._found:
                return
            self._found[(duty, version)] = _blank(duty, version, artifact)
            while len(self._found) > _MOST_KEPT:
                del self._found[next(iter(self._found))]

    def restore(self, earlier: Sequence[Observed]) -> None:
        """Go on from what was observed before."""
        with self._lock:
            self._found |= {(own.duty, own.artifact): own for own in earlier}

    def forget(self, duty: str, version: str) -> None:
        """Begin anew for an artifact."""
        with self._lock:
            self._fold()
            if (found := self._found.get((duty, version))) is not None:
                self._found[(duty, version)] = Observed(duty, version, calm=found.calm, promised=found.promised)

    def show(self, frames: Sequence[Frame], news: Sequence[Notice]) -> None:
        """Take verdicts in; called by a feed, which must not wait."""
        del news
        now = time.time_ns()
        with self._lock:
            self._waiting += [(now, frame) for frame in frames]
            if len(self._waiting) >= _MOST_FRAMES:
                self._fold()

    def observed(self) -> Mapping[Key, Observed]:
        """Return what has been observed so far."""
        with self._lock:
            self._fold()
            return dict(self._found)

    def _fold(self) -> None:
        """Count what waits."""
        waiting, self._waiting = self._waiting, []
        parts: dict[Key, list[tuple[int, Frame]]] = {}
        for now, frame in waiting:
            parts.setdefault((frame.duty, frame.artifact), []).append((now, frame))
        for key, own in parts.items():
            self._found[key] = _counted(self._found.get(key, Observed(*key)), own)


def _blank(duty: str, version: str, artifact: Artifact) -> Observed:
    then, limit = artifact.evidence.score, getattr(artifact.calibration.limits, "limit", None)
    promised = None if limit is None or not len(then) else float((then > float(limit)).mean())
    return Observed(duty, version, calm=Sketch().plus(then), promised=promised)


def _counted(before: Observed, parts: Sequence[tuple[int, Frame]]) -> Observed:
    """Return what was observed before with some frames of the same artifact."""
    status = np.concatenate([frame.status for _, frame in parts])
    score = np.concatenate([frame.score for _, frame in parts])
    values = np.concatenate([frame.values for _, frame in parts])
    counts = np.bincount(status, minlength=len(Status))
    found = {kind.name: int(counts[kind]) for kind in Status if counts[kind]}
    known = {name: before.channels.get(name, Sketch()) for name in parts[0][1].channels}
    return replace(
        before,
        since=before.since or parts[0][0],
        until=parts[-1][0],
        statuses={name: before.statuses.get(name, 0) + found.get(name, 0) for name in {**before.statuses, **found}},
        anomalous=before.anomalous + sum(int(frame.anomaly.sum()) for _, frame in parts),
        scores=before.scores.plus(score),
        channels={name: sketch.plus(values[:, k]) for k, (name, sketch) in enumerate(known.items())},
    )
