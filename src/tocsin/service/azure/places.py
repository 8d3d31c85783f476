"""Where the readings lie that a client names: in the service's own folder, never outside it, never on the network."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from tocsin.service.azure.errors import CodedError


def place_of(data_source: str, folder: Path, schema: Literal["OneTable", "MultiTable"]) -> Path:
    """Return the file (OneTable) or folder (MultiTable) that a name means.

    A URL, as it pointed into Azure's storage, stands for its path: of ``https://host/plant/one.csv?sig=…`` the longest
    end is taken that lies in the folder, ``plant/one.csv``, then ``one.csv``.

    Parameters
    ----------
    data_source
        What the client wrote.
    folder
        The service's folder for readings.
    schema
        What it should be.

    Raises
    ------
    CodedError
        ``FileNotExist``, if there is nothing of that name.
    """
    parts = _parts(data_source)
    root = folder.resolve()
    for start in range(len(parts)):
        found = _within(root, parts[start:])
        if found is not None and (found.is_dir() if schema == "MultiTable" else found.is_file()):
            return found
    kind = "folder" if schema == "MultiTable" else "file"
    shown = "/".join(parts)[-200:] or data_source[:200]
    raise CodedError(
        "FileNotExist",
        f"File {shown} does not exist. {schema} needs a {kind} of that name in the folder {folder.name!r} of the "
        "service; nothing is fetched from the network.",
    )


def without_secret(data_source: str) -> str:
    """Return a name without the signature that lets whoever knows it into Azure's storage; it is not kept here.

    >>> without_secret("https://host/plant/one.csv?sv=2021&sig=secret"), without_secret("one.csv")
    ('https://host/plant/one.csv', 'one.csv')
    """
    return data_source.partition("?")[0] if "://" in data_source else data_source


def _parts(data_source: str) -> list[str]:
    """Return the parts of a path, without what could lead elsewhere."""
    try:
        path = unquote(urlsplit(data_source).path) if "://" in data_source else data_source
    except ValueError:
        return []
    parts = [part for part in path.replace("\\", "/").split("/") if part]
    strange = any(part.startswith(".") or not part.isprintable() or ":" in part for part in parts)
    return [] if strange else parts


def _within(root: Path, parts: list[str]) -> Path | None:
    """Return what lies there, links followed, unless that is elsewhere."""
    try:
        found = root.joinpath(*parts).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    return found if found.is_relative_to(root) and found != root else None
