"""Writing what belongs together: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tocsin.core.errors import InputError


def write_all(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write files into a folder and return their paths; where one cannot be written, none is.

    Each is written beside its place and moved there when all are complete, so that nobody ever reads half a file.

    Parameters
    ----------
    files
        Contents by file name.
    folder
        Must be there.

    Raises
    ------
    InputError
        If the folder or a place in it cannot be written to.
    """
    targets = {folder / name: body for name, body in files.items()}
    if astray := [path for path in targets if path.parent != folder]:
        raise ValueError(f"{astray[0]} does not lie in {folder}")
    with _told(folder), _swept(targets):
        for path, body in targets.items():
            if path.is_dir():
                raise IsADirectoryError(21, "it is a folder", str(path))
            _part(path).write_bytes(body)
        for path in targets:
            _part(path).replace(path)
    return tuple(targets)


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


@contextmanager
def _swept(targets: Mapping[Path, bytes]) -> Iterator[None]:
    """Leave no half-written file behind."""
    try:
        yield
    finally:
        for path in targets:
            _part(path).unlink(missing_ok=True)


@contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename or folder
        raise InputError(f"{where} cannot be written: {error.strerror}.", remedy="Choose another place.") from None
