"""Artifacts as bytes: an export is made, proven and written whole, so it must not lie on a disk before that."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact


def sealed(artifact: Artifact) -> bytes:
    """Return the bytes of the file that :func:`tocsin.artifact.bundle.save` writes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "made.tocsin")
        bundle.save(artifact, path)
        return path.read_bytes()


def opened(file: bytes, name: str = "made.tocsin") -> Artifact:
    """Return the artifact in a file's bytes, read and checked as :func:`tocsin.artifact.bundle.load` does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(file)
        return bundle.load(path)
