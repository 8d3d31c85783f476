"""Artifacts that were opened lately, kept by their checksum, so that scoring does not open them anew each time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from tocsin.artifact.artifact import Artifact


class ArtifactCache:
    """Artifacts by checksum; the longest unused go first once they are too many. May be shared between threads.

    Parameters
    ----------
    most_bytes
        Of graphs and arrays, together; the latest is kept whatever its size.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most, self._lock = most_bytes, threading.Lock()
        self._held: OrderedDict[str, Artifact] = OrderedDict()
        self._opening: dict[str, threading.Lock] = {}

    def get(self, sha256: str, open_it: Callable[[], Artifact]) -> Artifact:
        """Return the artifact with a checksum, opened with ``open_it`` where it is not at hand.

        It is opened once, however many ask at a time, and who asks for another one does not wait for it.
        """
        with self._lock:
            if (found := self._found(sha256)) is not None:
                return found
            gate = self._opening.setdefault(sha256, threading.Lock())
        with gate:
            with self._lock:
                if (found := self._found(sha256)) is not None:
                    return found
            artifact = open_it()
            with self._lock:
                self._held[sha256] = artifact
                self._opening.pop(sha256, None)
                self._make_room()
            return artifact

    def _found(self, sha256: str) -> Artifact | None:
        if (found := self._held.get(sha256)) is not None:
            self._held.move_to_end(sha256)
        return found

    def _make_room(self) -> None:
        while len(self._held) > 1 and sum(map(_bytes, self._held.values())) > self._most:
            self._held.popitem(last=False)


def _bytes(artifact: Artifact) -> int:
    evidence = artifact.evidence
    arrays = (artifact.examples, evidence.score, evidence.time, evidence.device)
    return len(artifact.graph) + sum(array.nbytes for array in arrays)
