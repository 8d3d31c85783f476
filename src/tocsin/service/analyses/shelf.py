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
    """

    def __init__(self, folder: Path, *, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        self._kept: dict[str, Analysis] = {}
        self._lock = threading.Lock()
        self._workers = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="tocsin-analysis")
        self._clear_old()

    def take(self, sent: Path, name: str, *, by: str) -> Analysis:
        """Take a file in; of those that are too many, the one unused for longest goes.

        Parameters
        ----------
        sent
            Where it lies now; it is moved.
        name
            What its owner calls it; only the end of it, which tells the kind, reaches the disk.
        by
            Whose it is.
        """
        identity = secrets.token_urlsafe(24)
        folder = self._folder / identity
        folder.mkdir(parents=True, mode=0o700)
        called = PurePath(name.replace("\\", "/")).name or "readings.csv"
        taken = Analysis(
            identity,
            name=called,
            by=by,
            folder=folder,
            limits=self._limits,
            workers=self._workers,
            grown=self.make_room,
        )
        sent.replace(taken.path)
        self._make_place(taken)
        return taken

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

    def _make_place(self, taken: Analysis) -> None:
        with self._lock:
            self._kept[taken.id] = taken
            by_use = sorted(self._kept.values(), key=lambda one: one.idle_s)
            gone = [one for k, one in enumerate(by_use) if k >= self._limits.analyses or one.idle_s > LONGEST_S]
            for one in gone:
                del self._kept[one.id]
        for one in gone:
            one.remove()

    def make_room(self, used: Analysis) -> None:
        """Let tables go from memory, those unused for longest first, until the rest fits; that of ``used`` stays."""
        with self._lock:
            others = sorted((one for one in self._kept.values() if one is not used), key=lambda one: -one.idle_s)
        total = used.bytes + sum(one.bytes for one in others)
        for one in others:
            if total <= self._limits.memory_bytes:
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
