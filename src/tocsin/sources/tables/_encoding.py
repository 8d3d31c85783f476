"""Telling how a text file is encoded, and that a file is not text at all."""

from __future__ import annotations

import codecs
from pathlib import Path

from tocsin.core.errors import InputError

_CHUNK = 1 << 20
_FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"ARROW1", "an Arrow file"),
    (b"SQLite format 3", "an SQLite database"),
)


def encoding_of(path: Path) -> str:
    """Return "utf-8-sig" or "utf-16" by the byte order mark, else "utf-8" where it decodes, else "cp1252".

    Raises
    ------
    InputError
        If the file is not text.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        _refuse_foreign(path, head)
        if head.startswith(codecs.BOM_UTF8):
            return "utf-8-sig"
    return "utf-8" if is_utf8(path) else "cp1252"


def is_utf8(path: Path) -> bool:
    """Tell whether the whole file decodes as UTF-8, without holding it in memory."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _refuse_foreign(path: Path, head: bytes) -> None:
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise InputError(f"{path} is {what}, not a text table.", remedy="Export it as CSV or Parquet.")
    if b"\x00" in head:
        raise InputError(f"{path} is a binary file, not a text table.", remedy="Export it as CSV or Parquet.")
