"""A look at the end of a file before it is opened as an artifact: what would cost memory to refuse is refused first."""

from __future__ import annotations

import re
import struct
import zipfile
from pathlib import Path

from tocsin.artifact.signature import comment_of
from tocsin.core.errors import ArtifactError

_AGAIN = "Get the file again, or train it again with: tocsin fit"
_END = struct.Struct("<4s4H2LH")
_SEAL = re.compile(rb"tocsin [0-9a-f]{64}")
_SEAL_BYTES = 71
_MOST_END = 512
"""Bytes at the end of a file that hold seal and signature, with room to spare."""
_INDEX_BYTES = 1024
"""Of the table of contents: three members take under 200."""

_BOMB_RATIO, _BOMB_BYTES = 100, 32 << 20
"""Unpacked over packed, beyond which a file of that size unpacked is no artifact: weights hardly shrink at all."""


def refuse_at_a_glance(path: Path, name: str) -> None:
    """Refuse a file that cannot be an artifact, or that would unpack to far more than it is.

    Parameters
    ----------
    path
        Where it lies.
    name
        What it is called in messages.

    Raises
    ------
    ArtifactError
        With the reason.
    """
    end = _end(path)
    seal = comment_of(end)[-_SEAL_BYTES:]
    said = len(end) - len(comment_of(end)) + _SEAL_BYTES
    if len(end) < said + _END.size or not _SEAL.fullmatch(seal):
        raise ArtifactError(f"{name} is no tocsin artifact, or is truncated.", remedy=_AGAIN)
    signature, _, _, _, entries, index, _, comment = _END.unpack(end[-said - _END.size : -said])
    if signature != b"PK\x05\x06" or comment != said or entries > 3 or index > _INDEX_BYTES:
        raise ArtifactError(f"{name} is no tocsin artifact: its table of contents is not one's.", remedy=_AGAIN)
    _refuse_bombs(path, name)


def _end(path: Path) -> bytes:
    """Return a file's end: all that stands behind its table of contents, with or without a signature."""
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - _MOST_END, 0))
        return file.read()


def _refuse_bombs(path: Path, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as bundle:
            unpacked = sum(entry.file_size for entry in bundle.infolist())
    except (zipfile.BadZipFile, OSError, ValueError, struct.error):
        raise ArtifactError(f"{name} is no tocsin artifact, or is truncated.", remedy=_AGAIN) from None
    packed = path.stat().st_size
    if unpacked > _BOMB_BYTES and unpacked > _BOMB_RATIO * packed:
        raise ArtifactError(
            f"{name} would unpack to {unpacked >> 20:,} MB, {unpacked // packed:,} times its size, which is refused.",
            remedy=_AGAIN,
        )
