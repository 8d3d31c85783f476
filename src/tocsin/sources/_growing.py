"""A file that others write to while we read it: whole lines only, over rotation and truncation, from any position."""

from __future__ import annotations

import json
import logging
import os
import re
import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from tocsin.core.arrivals import DeadLetter
from tocsin.core.errors import InputError

_LOG = logging.getLogger("tocsin.sources.tail")
_CHUNK = 1 << 18
_LONGEST = 1 << 20
_MARK = 1024
_GRACE_S = 1.0
_ROTATED = r"[.-][0-9][0-9T:._-]*"


@dataclass(frozen=True)
class Place:
    """Where in which file: enough to find it again under another name.

    Parameters
    ----------
    at
        Bytes before it.
    line
        Lines before it.
    inode
        The file's number.
    mark, marked
        Checksum of the file's first bytes, and of how many: what tells files with the same number apart.
    """

    at: int = 0
    line: int = 0
    inode: int = 0
    mark: int = 0
    marked: int = 0

    def written(self) -> str:
        """Return it as text.

        >>> Place.read(Place(120, 3).written())
        Place(at=120, line=3, inode=0, mark=0, marked=0)
        """
        return json.dumps(asdict(self), separators=(",", ":"))

    @staticmethod
    def read(text: str) -> Place:
        """Return the place written as ``text``.

        Raises
        ------
        InputError
            If it is none.
        """
        try:
            return Place(**{name: int(value) for name, value in json.loads(text).items()})
        except (ValueError, TypeError, AttributeError):
            raise InputError(f"{text!r} is no place in a file.", remedy="Give this watch another store.") from None


class Growing:
    """The lines of a growing file. What a writer has not finished waits until it has.

    Parameters
    ----------
    path
        Where it is; it may be exchanged for a new one under that name while the old one gets another.
    follow
        Will there be more, here or in the file that follows?
    """

    def __init__(self, path: Path, *, follow: bool = True) -> None:
        self.path, self.generation = path, 0
        self.told: list[DeadLetter] = []
        self.place = Place()
        self._file: BinaryIO | None = None
        self._rest = b""
        self._follow, self._ended, self._finished = follow, False, False

    def open(self, place: Place | None, *, at_end: bool = False) -> None:
        """Begin: at ``place``, in whatever file it is by now, or where nobody has read, at the beginning or the end.

        Raises
        ------
        InputError
            If the file cannot be read.
        """
        if place is None or (found := self._find(place)) is None:
            self._begin(self.path)
            if place is not None:
                self._tell(f"what followed byte {place.at:,} is gone: the file was exchanged and the old one removed")
            elif at_end:
                self._go_to_end()
            return
        self._begin(found)
        assert self._file is not None
        self._file.seek(place.at)
        self.place = place

    @property
    def there(self) -> bool:
        """Whether there is a file."""
        return self._file is not None

    @property
    def at_end(self) -> bool:
        """Whether all that was written has been given out, but for a last line that is not finished."""
        return self._ended and b"\n" not in self._rest

    def head(self) -> list[str]:
        """Return the first whole lines of the file, line ends included."""
        assert self._file is not None
        text = os.pread(self._file.fileno(), _CHUNK, 0)
        if not self._finished:
            text = text[: text.rfind(b"\n") + 1]
        return text.decode("utf-8-sig", "replace").splitlines(keepends=True)

    def lines(self, most: int) -> list[bytes]:
        """Return the next whole lines, at most so many, without line ends; none where nobody has written any."""
        if self._file is None and not self._reopen():
            return []
        assert self._file is not None
        if self._rest.count(b"\n", 0, _CHUNK) <= most and len(self._rest) <= _LONGEST:
            came = self._file.read(_CHUNK)
            self._rest += came
            self._ended = not came
        *whole, rest = self._rest.split(b"\n", most)
        if len(rest) > _LONGEST and b"\n" not in rest:
            whole, rest = [*whole, rest], b""
        self._advance(len(self._rest) - len(rest), len(whole))
        self._rest = rest
        if not whole and self._ended and self._follow:
            self._look_around()
        return whole

    def finish(self) -> None:
        """Take it that the last line is finished, too, though it has no line end."""
        self._finished = True
        if self._rest and not self._rest.endswith(b"\n"):
            self._rest += b"\n"

    def behind(self) -> int:
        """Return how many bytes are there that have not been given out."""
        return 0 if self._file is None else max(0, os.fstat(self._file.fileno()).st_size - self.place.at)

    def mark(self) -> Place:
        """Return the place behind what was given out, with what tells the file from others."""
        if self._file is not None and self.place.marked < _MARK:
            marked = min(self.place.at, _MARK)
            self.place = Place(
                self.place.at, self.place.line, self.place.inode, _checksum(self._file.fileno(), marked), marked
            )
        return self.place

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _advance(self, size: int, lines: int) -> None:
        was = self.place
        most = was.at + self.behind() if self._finished else was.at + size
        self.place = Place(min(was.at + size, most), was.line + lines, was.inode, was.mark, was.marked)

    def _begin(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}.", remedy="Check the path.") from None
        self._rest, self._ended = b"", False
        self.generation += 1
        self.place = Place(inode=os.fstat(self._file.fileno()).st_ino)

    def _go_to_end(self) -> None:
        assert self._file is not None
        read = lines = at = 0
        while text := self._file.read(_CHUNK):
            lines += text.count(b"\n")
            at = read + text.rfind(b"\n") + 1 if b"\n" in text else at
            read += len(text)
        self._file.seek(at)
        self.place = Place(at, lines, self.place.inode)

    def _find(self, place: Place) -> Path | None:
        """Return where the file that ``place`` is in is now: under its own name, or under one that rotation gave it."""
        return next((path for path in self._family() if _is(path, place)), None)

    def _family(self) -> Iterator[Path]:
        yield self.path
        name = re.compile(re.escape(self.path.name) + _ROTATED)
        if self.path.parent.is_dir():
            yield from (path for path in self.path.parent.iterdir() if name.fullmatch(path.name))

    def _look_around(self) -> None:
        """See, at the end, whether the file was cut off or exchanged."""
        assert self._file is not None
        own = os.fstat(self._file.fileno())
        if own.st_size < self.place.at + len(self._rest):
            self._tell(f"it was cut off at {own.st_size:,} bytes; what was not read by then is lost")
            self._begin_again(self.path)
        elif (following := self._following(own)) is not None:
            # its writer may go on for a while after it was renamed
            if time.time() - own.st_mtime < _GRACE_S:
                return
            if self._rest:
                self._tell("its last line was never finished", payload=self._rest)
            _LOG.info("%s was rotated; going on with %s", self.path, following)
            self._begin_again(following)

    def _following(self, own: os.stat_result) -> Path | None:
        """Return the file that was begun after ours, the oldest of several."""
        found = []
        for path in self._family():
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            if status.st_ino != own.st_ino and (path == self.path or status.st_mtime_ns > own.st_mtime_ns):
                found.append((path == self.path, status.st_mtime_ns, path))
        ours_is_current = _inode(self.path) == own.st_ino
        return None if ours_is_current or not found else min(found)[2]

    def _begin_again(self, path: Path) -> None:
        self.close()
        try:
            self._begin(path)
        except InputError as error:
            _LOG.warning("%s", error)

    def _reopen(self) -> bool:
        if self.path.exists():
            self._begin_again(self.path)
        return self._file is not None

    def _tell(self, what: str, *, payload: bytes = b"") -> None:
        reason = f"{self.path}: {what}. Let whoever rotates it keep the old file until it has been read."
        _LOG.warning(reason)
        self.told.append(DeadLetter(str(self.path), payload[:4096], reason, time.time_ns()))


def _is(path: Path, place: Place) -> bool:
    """Tell whether a file is the one that ``place`` is in, by its first bytes; its number may belong to another now."""
    try:
        with path.open("rb") as file:
            long_enough = os.fstat(file.fileno()).st_size >= place.at
            return long_enough and _checksum(file.fileno(), place.marked) == place.mark
    except OSError:
        return False


def _inode(path: Path) -> int:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return 0


def _checksum(number: int, size: int) -> int:
    return zlib.crc32(os.pread(number, size, 0))
