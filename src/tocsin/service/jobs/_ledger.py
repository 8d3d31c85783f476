"""The jobs as they are written down, one file each, so that they are known after a restart."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from tocsin.service.jobs.job import Job, Trouble

KEPT = 200
"""Jobs that are over and still told of."""

STOPPED = Trouble(
    title="Service Unavailable", status=503, detail="The service was stopped meanwhile.", remedy="Ask for it again."
)


class Ledger:
    """The jobs by id, in order of creation, each written to ``<id>.json`` as it changes its state.

    Parameters
    ----------
    folder
        Where they are kept. What a service left unfinished when it ended is told as failed; of another service that
        still works in this folder, nothing is touched.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._held = _lock(folder / ".lock")
        found = sorted(filter(None, map(_read, folder.glob("*.json"))), key=lambda job: (job.created, job.id))
        self._jobs = {job.id: job for job in found}
        for job in found:
            if not job.over and self.alone:
                self.put(job.model_copy(update={"state": "failed", "ended": now(), "problem": STOPPED}))

    @property
    def alone(self) -> bool:
        """Whether no other service worked in this folder when this one began."""
        return self._held is not None

    def close(self) -> None:
        """Let another service have the folder for itself."""
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def all(self) -> list[Job]:
        """Return all jobs, the newest first."""
        return list(reversed(self._jobs.values()))

    def get(self, job: str) -> Job | None:
        """Return a job by its id."""
        return self._jobs.get(job)

    def note(self, job: Job) -> None:
        """Remember a job as it is, without writing it down: how far it is changes too often."""
        self._jobs[job.id] = job

    def put(self, job: Job) -> None:
        """Write a job down, whole or not at all; forget the oldest that are over."""
        self._jobs[job.id] = job
        part = self._folder / f".{job.id}.{os.getpid()}.part"
        part.write_text(job.model_dump_json(indent=1), "utf-8")
        part.replace(self._folder / f"{job.id}.json")
        over = [own.id for own in self._jobs.values() if own.over]
        for old in over[: max(len(over) - KEPT, 0)]:
            del self._jobs[old]
            (self._folder / f"{old}.json").unlink(missing_ok=True)


def now() -> str:
    """Return the time as it is written down."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read(path: Path) -> Job | None:
    """Return the job in a file; None where it is damaged, for then nothing can be said of it."""
    try:
        return Job.model_validate_json(path.read_bytes())
    except (ValidationError, OSError):
        return None


def _lock(path: Path) -> int | None:
    """Take the lock that the file at ``path`` stands for; return what holds it, None where another process does."""
    import fcntl

    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        return None
    return held
