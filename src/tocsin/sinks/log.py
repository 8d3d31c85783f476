"""A log: news of incidents as JSON lines, on standard output or in a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tocsin.core.errors import SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice
from tocsin.sinks._bodies import Form, Formed, written
from tocsin.sinks._settings import own_settings


class Log(Sink):
    """JSON lines on standard output, or appended to a file: ``log``, ``log:incidents.jsonl?format=cloudevents``.

    A file that was moved away or emptied, as log rotation does, is noticed and begun anew. What counts as delivered has
    been written to the disk.

    Parameters
    ----------
    path
        The file; None for standard output.
    form
        "json" or "cloudevents".
    """

    def __init__(self, path: Path | None = None, *, form: Form = "json") -> None:
        self.path = path
        self.form: Form = form
        self._file: int | None = None

    @classmethod
    def parse(cls, text: str) -> Log:
        """Return the log written as ``text``: "" or "-" for standard output, else a file's path.

        >>> Log.parse("incidents.jsonl?format=cloudevents").form
        'cloudevents'
        """
        place, settings = own_settings(text, Formed, alone=True)
        path = None if place in ("", "-") else Path(place.removeprefix("//")).expanduser()
        if path is not None and path.is_dir():
            raise SettingError(f"{place} is a folder.", remedy="Name a file, as in log:incidents.jsonl")
        return cls(path, form=settings.format)

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Append a line for each notice; all of them fail together, and nothing of them is left in the file."""
        lines = b"".join(written(notice, self.form) + b"\n" for notice in notices)
        try:
            if lines:
                self._print(lines) if self.path is None else self._append(lines)
        except (OSError, ValueError) as error:
            self.close()
            return [
                Failure(notice, f"cannot be written to {self.path or 'standard output'}: {error}") for notice in notices
            ]
        return ()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _print(self, lines: bytes) -> None:
        sys.stdout.write(lines.decode())
        sys.stdout.flush()

    def _append(self, lines: bytes) -> None:
        file = self._opened()
        before = os.fstat(file).st_size
        try:
            _write_all(file, lines)
            os.fsync(file)
        except OSError:
            os.ftruncate(file, before)
            raise

    def _opened(self) -> int:
        """Return the file, opened anew if what has its name is another one by now."""
        assert self.path is not None
        if self._file is not None and not _is_still(self._file, self.path):
            self.close()
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
            _end_the_last_line(self._file)
        return self._file


def _write_all(file: int, lines: bytes) -> None:
    rest = memoryview(lines)
    while rest:
        rest = rest[os.write(file, rest) :]


def _is_still(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except OSError:
        return False


def _end_the_last_line(file: int) -> None:
    """End a line that a power cut left unfinished, so that it spoils none but itself."""
    size = os.fstat(file).st_size
    if size and os.pread(file, 1, size - 1) != b"\n":
        _write_all(file, b"\n")
