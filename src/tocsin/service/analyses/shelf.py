"""The files under analysis: each under a name that cannot be guessed, and no more of them than there is room for."""

from __future__ import annotations

import secrets
import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePath

from tocsin.service.analyses.analysis import Analysis
from tocsin.service.problems import ProblemError
from tocsin.service.settings import Limits

LONGEST_S = 24 * 3_600.0
"""A file that nobody has asked for so long is removed."""

MEMORY_BYTES = 2 << 30
"""What all tables in memory may take; those unused for longest are read again from disk when they are wanted."""

AT_ONCE = 2
"""Files scored at the same time."""


class Analyses:
    """Files under analysis.

    Parameters
    ----------
    folder
        Where they are kept.
    limits
        How much is taken on.
    memory_bytes
        What all tables in memory may take; one at least stays.
    """

    def __init__(self, folder: Path, *, limits: Limits, memory_bytes: int = MEMORY_BYTES) -> None:
        self._folder, self._limits, self._memory = folder, limits, memory_bytes
        self._kept: dict[str, Analysis] = {}
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tocsin-analysis")
        self._clear_old()

    def begin(self, name: str, *, by: str) -> Analysis:
        """Return a new analysis, whose file is still to be written to its ``path``.

        Parameters
        ----------
        name
            What its owner calls the file; only the end of it, which tells the kind, reaches the disk.
        by
            Whose it is.
        """
        identity = secrets.token_urlsafe(24)
        folder = self._folder / identity
        folder.mkdir(parents=True, mode=0o700)
        called = PurePath(name.replace("\\", "/")).name or "readings.csv"
        return Analysis(identity, name=called, by=by, folder=folder, limits=self._limits, workers=self._workers)

    def keep(self, analysis: Analysis) -> None:
        """Take an analysis in whose file is complete; the one unused for longest goes where there are too many."""
        with self._lock:
            self._kept[analysis.id] = analysis
            old = [one for one in self._kept.values() if one.idle_s > LONGEST_S]
            many = len(self._kept) - len(old) - self._limits.analyses
            rest = sorted((one for one in self._kept.values() if one not in old), key=lambda one: -one.idle_s)
            gone = [*old, *rest[: max(many, 0)]]
            for one in gone:
                del self._kept[one.id]
        for one in gone:
            one.remove()

    def find(self, identity: str, *, by: str) -> Analysis:
        """Return an analysis.

        Raises
        ------
        ProblemError
            If there is none, or it is another's.
        """
        with self._lock:
            found = self._kept.get(identity)
        if found is None or found.by != by:
            raise ProblemError(404, "There is no such file under analysis.", remedy="Send the file again.")
        found.touch()
        return found

    def remove(self, identity: str, *, by: str) -> None:
        """Remove a file and all that was made of it."""
        found = self.find(identity, by=by)
        with self._lock:
            self._kept.pop(identity, None)
        found.remove()

    def make_room(self, used: Analysis) -> None:
        """Let tables go from memory, those unused for longest first, until the rest fits; that of ``used`` stays."""
        with self._lock:
            others = sorted((one for one in self._kept.values() if one is not used), key=lambda one: -one.idle_s)
        total = used.bytes + sum(one.bytes for one in others)
        for one in others:
            if total <= self._memory:
                return
            total -= one.bytes
            one.forget()

    def close(self) -> None:
        """End what was begun, and remove all files."""
        self._workers.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            kept, self._kept = list(self._kept.values()), {}
        for one in kept:
            one.remove()

    def _clear_old(self) -> None:
        """Remove what a service that was killed has left."""
        if self._folder.is_dir():
            for left in self._folder.iterdir():
                if time.time() - left.stat().st_mtime > LONGEST_S:
                    shutil.rmtree(left, ignore_errors=True)
