"""The record of a shelf: one JSON file that says which versions there are. What it does not name is not there."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tocsin.core.errors import InputError
from tocsin.lifecycle.shelf import Activation, Shelf
from tocsin.lifecycle.version import Version

RECORD = "record.json"


class Record(BaseModel):
    """What is written down of a shelf: versions and activations, oldest first, and the last number that was given."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    last: int = 0
    versions: tuple[Version, ...] = ()
    activations: tuple[Activation, ...] = ()

    @property
    def active(self) -> int | None:
        """The version in force."""
        return self.activations[-1].version if self.activations else None

    def find(self, version: int) -> Version | None:
        """Return a version as :class:`Version` tells it, None where there is none."""
        found = next((own for own in self.versions if own.version == version), None)
        return None if found is None else found.model_copy(update={"active": version == self.active})

    def shelf(self, name: str) -> Shelf:
        """Return it as people see it, newest first."""
        told = [self.find(own.version) for own in reversed(self.versions)]
        versions = tuple(version for version in told if version is not None)
        return Shelf(name=name, active=self.active, versions=versions, activations=tuple(reversed(self.activations)))


def read(folder: Path) -> Record:
    """Return the record in ``folder``, an empty one where there is none.

    Raises
    ------
    InputError
        If it is damaged: what was in force is then not guessed.
    """
    path = folder / RECORD
    try:
        record = Record.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Record()
    except (ValidationError, OSError) as error:
        raise _damaged(path, type(error).__name__) from None
    numbers = [own.version for own in record.versions]
    named = {one.version for one in record.activations[-1:]}
    if numbers != sorted(set(numbers)) or max(numbers, default=0) > record.last or not named <= set(numbers):
        raise _damaged(path, "its versions do not fit together")
    return record


class RecordCache:
    """Records as they were read last, by folder: read anew once their file is another one."""

    def __init__(self) -> None:
        self._held: dict[Path, tuple[tuple[int, int, int], Record]] = {}

    def read(self, folder: Path) -> Record:
        """Return the record in ``folder``, as :func:`read` does."""
        try:
            found = (folder / RECORD).stat()
        except OSError:
            return read(folder)
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        held = self._held.get(folder)
        if held is None or held[0] != stamp:
            held = self._held[folder] = (stamp, read(folder))
        return held[1]


def write(folder: Path, record: Record) -> None:
    """Write the record, whole or not at all."""
    part = folder / f".{RECORD}.{os.getpid()}.part"
    with part.open("wb") as file:
        file.write(record.model_dump_json(indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / RECORD)


def _damaged(path: Path, why: str) -> InputError:
    return InputError(
        f"The record {path.parent.name}/{path.name} of the registry is damaged ({why}).",
        remedy="Restore it from a backup, or move the folder away and add the artifacts again.",
    )
