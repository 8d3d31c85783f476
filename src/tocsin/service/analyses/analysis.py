"""One file under analysis: read once, understood as often as it is corrected, and scored."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.core.errors import InputError, SettingError, TocsinError
from tocsin.core.progress import listening
from tocsin.engine.scorer import Scorer
from tocsin.service.analyses.fixing import trouble_of
from tocsin.service.analyses.judged import Judged, judge
from tocsin.service.bounded import load_bounded
from tocsin.service.problems import ProblemError
from tocsin.service.settings import Limits
from tocsin.sources import Overrides, Table, understand

if TYPE_CHECKING:
    from tocsin.sources import Loaded

_PARQUET = (".parquet", ".pq")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a file is to be scored with.

    Parameters
    ----------
    artifact, version
        Which artifact.
    scorer
        The same, ready.
    sort
        Are rows taken in order of time?
    """

    artifact: str
    version: int
    scorer: Scorer
    sort: bool


class Analysis:
    """A file under analysis. What it holds in memory can be dropped at any time, and is then read again from disk.

    Parameters
    ----------
    id
        Its name, which cannot be guessed.
    name
        What its owner calls the file.
    by
        Whose it is.
    folder
        Its own, and nobody else's.
    limits
        How much is taken on.
    workers
        Who scores it: no more files at a time than they are.
    grown
        Told when it takes up memory without having been scored anew.
    """

    def __init__(  # each is told once, by the shelf
        self,
        id: str,
        *,
        name: str,
        by: str,
        folder: Path,
        limits: Limits,
        workers: ThreadPoolExecutor,
        grown: Callable[[Analysis], None],
    ) -> None:
        self.id, self.name, self.by, self.folder = id, name, by, folder
        suffix = Path(name).suffix.lower()
        self.path = folder / f"readings{suffix if suffix in _PARQUET else '.csv'}"
        self._limits, self._workers, self._grown = limits, workers, grown
        self._lock, self._again = threading.RLock(), threading.Lock()
        self._used = time.monotonic()
        self._overrides = Overrides()
        self._loaded: Loaded | None = None
        self._table: Table | TocsinError | None = None
        self._told: dict[str, Any] | None = None
        self._asked: Asked | None = None
        self._judged: Judged | None = None
        self._work: Future[None] | None = None
        self._heard: dict[str, Any] = {}
        self._gone = False

    @property
    def idle_s(self) -> float:
        """How long nobody has asked for it."""
        return time.monotonic() - self._used

    @property
    def bytes(self) -> int:
        """What it holds in memory."""
        loaded, judged = self._loaded, self._judged
        told = 0 if loaded is None else 2 * int(loaded.columns.estimated_size())
        return told + (0 if judged is None else judged.bytes)

    @property
    def overrides(self) -> Overrides:
        """What its owner knows better than the guess."""
        return self._overrides

    @property
    def asked(self) -> Asked | None:
        """What it was last scored with; None where it has not been."""
        return self._asked

    def touch(self) -> None:
        """Note that somebody wants it."""
        self._used = time.monotonic()

    def correct(self, overrides: Overrides) -> None:
        """Read the file otherwise; what was made of it as it was read before is dropped."""
        with self._lock:
            text = ("separator", "encoding")
            if any(getattr(overrides, name) != getattr(self._overrides, name) for name in text):
                self._loaded = None
            self._overrides, self._table, self._told, self._asked, self._judged = overrides, None, None, None, None

    def columns(self) -> Loaded:
        """Return the columns as they stand in the file.

        Raises
        ------
        InputError
            If it cannot be split into columns.
        """
        with self._lock:
            if self._gone:
                raise ProblemError(404, "There is no such file under analysis.", remedy="Send the file again.")
            if self._loaded is None:
                try:
                    loaded = load_bounded(self.path, limits=self._limits, overrides=self._overrides)
                except (InputError, SettingError) as error:
                    raise self._renamed(error) from None
                self._loaded = replace(loaded, name=self.name)
            return self._loaded

    def table(self) -> Table:
        """Return what is understood of the file.

        Raises
        ------
        TocsinError
            If it cannot be read.
        """
        with self._lock:
            if self._table is None:
                try:
                    self._table = understand(self.columns(), overrides=self._overrides)
                except TocsinError as error:
                    self._table = error
            if isinstance(self._table, TocsinError):
                raise self._table
            return self._table

    def told(self, tell: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return how the file is read, as ``tell`` has it; asked once until it is read otherwise."""
        with self._lock:
            if self._told is None:
                self._told = tell()
            return self._told

    def score(self, asked: Asked, *, wait_s: float) -> bool:
        """Score the file, by a worker; tell whether it is done after ``wait_s`` seconds.

        Raises
        ------
        ProblemError
            If it is being scored already.
        TocsinError
            If it cannot be scored.
        """
        with self._lock:
            if self._work is not None and not self._work.done():
                raise ProblemError(409, "The file is being scored already.", remedy="Wait until that is done.")
            self._heard = {"what": "waiting", "done": 0, "total": 0}
            self._work = work = self._workers.submit(self._scored, asked)
        try:
            work.result(timeout=wait_s)
        except TimeoutError:
            return False
        return True

    def progress(self) -> dict[str, Any]:
        """Return how far the scoring is, whether it is done, and what went wrong with it."""
        work, heard = self._work, self._heard
        if work is None:
            return {"state": "idle", "what": "", "done": 0, "total": 0}
        if not work.done():
            return {"state": "running", **heard}
        error = work.exception()
        if error is None:
            return {"state": "done", **heard}
        if isinstance(error, ProblemError):
            return {"state": "failed", **heard, "problem": trouble_of(InputError(error.detail, remedy=error.remedy))}
        if not isinstance(error, TocsinError):
            raise error
        return {"state": "failed", **heard, "problem": trouble_of(error, self._overrides)}

    def judged(self) -> Judged:
        """Return the scored file.

        Where it was dropped from memory it is scored again, in its turn.

        Raises
        ------
        ProblemError
            If it has not been scored.
        """
        if (found := self._judged) is not None:
            return found
        with self._again:
            return self._judged or self._judged_again()

    def forget(self) -> None:
        """Drop what is in memory; what is wanted of it is read, and scored, again."""
        with self._lock:
            self._loaded = self._judged = None
            self._table = self._table if isinstance(self._table, TocsinError) else None

    def remove(self) -> None:
        """Remove the file and all that was made of it."""
        self._gone = True
        shutil.rmtree(self.folder, ignore_errors=True)
        with self._lock:
            self._loaded = self._table = self._judged = self._asked = None

    def _judged_again(self) -> Judged:
        asked = self._asked
        if asked is None:
            raise ProblemError(409, "The file has not been scored.", remedy="Score it first.")
        found = self._workers.submit(self._judge, asked).result()
        with self._lock:
            if self._asked is not asked:
                raise ProblemError(409, "Meanwhile the file is read or scored otherwise.", remedy="Ask again.")
            self._judged = found
        self._grown(self)
        return found

    def _scored(self, asked: Asked) -> None:
        read = self._overrides
        with listening(self._hear):
            found = self._judge(asked)
        with self._lock:
            if self._gone or self._overrides is not read:
                raise ProblemError(409, "Meanwhile the file is read otherwise, or gone.", remedy="Score it again.")
            self._asked, self._judged = asked, found

    def _judge(self, asked: Asked) -> Judged:
        with self._lock:
            columns, overrides = self.columns(), self._overrides
        self._hear("reading", 0, 0, "")
        table = understand(columns, overrides=overrides, expect=asked.scorer.artifact.layout)
        return judge(asked.scorer, table, sort=asked.sort)

    def _hear(self, what: str, done: int, total: int, note: str) -> None:
        del note
        self._heard = {"what": what, "done": done, "total": total}

    def _renamed(self, error: InputError | SettingError) -> TocsinError:
        """Return an error that calls the file by the name that its owner knows."""
        told, remedy = (text.replace(str(self.path), self.name) for text in (error.message, error.remedy))
        return type(error)(told, remedy=remedy, fixes=error.fixes)
