"""The registry: artifacts by name, each in numbered versions, one of them in force."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import ArtifactError, InputError, SettingError
from tocsin.lifecycle import _record
from tocsin.lifecycle._cache import ArtifactCache
from tocsin.lifecycle._glance import refuse_at_a_glance
from tocsin.lifecycle._locked import locked
from tocsin.lifecycle._record import Record, RecordCache
from tocsin.lifecycle._trial import try_out
from tocsin.lifecycle.errors import AbsentError
from tocsin.lifecycle.shelf import Activation, Shelf
from tocsin.lifecycle.version import Version, facts_of

ACTIVE: Literal["active"] = "active"
NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""The pattern of a name."""

_NAME = re.compile(NAME)
_CACHE_BYTES = 512 << 20
_LARGEST_WINDOW = 1 << 24
"""Values in a window; beyond it one device alone would take more than 128 MB."""

Which = int | Literal["active"]
"""A version's number, or the one in force."""


class Registry:
    """Artifacts by name and version, in a folder; several processes may share it.

    A name is a folder of its own, with ``1.tocsin``, ``2.tocsin``, … that never change, ``record.json``, and
    ``active.tocsin``, which is exchanged whole when another version comes into force: a watch that is told to follow
    that file takes it up.

    Parameters
    ----------
    folder
        Where they are kept; made when the first one comes.
    cache_bytes
        Of opened artifacts that are kept at hand.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Registry(Path(folder)).shelves()
    ()
    """

    def __init__(self, folder: Path, *, cache_bytes: int = _CACHE_BYTES) -> None:
        self._folder, self._cache, self._records = folder, ArtifactCache(cache_bytes), RecordCache()

    def shelves(self) -> tuple[Shelf, ...]:
        """Return all shelves, in order of name."""
        if not self._folder.is_dir():
            return ()
        names = sorted(place.name for place in self._folder.iterdir() if _NAME.fullmatch(place.name))
        found = ((name, self._records.read(self._folder / name)) for name in names if (self._folder / name).is_dir())
        return tuple(record.shelf(name) for name, record in found if record.versions)

    def shelf(self, name: str) -> Shelf:
        """Return the versions under a name.

        Raises
        ------
        AbsentError
            If there is nothing of that name.
        """
        return self._known(name).shelf(name)

    def version(self, name: str, version: Which = ACTIVE) -> Version:
        """Return one version, by default the one in force.

        Raises
        ------
        AbsentError
            If there is none.
        """
        record = self._known(name)
        number = record.active if version == ACTIVE else version
        found = None if number is None else record.find(int(number))
        if found is None:
            raise AbsentError(
                f"There is no version {version} of the artifact {name}.", remedy="Choose one that is there."
            )
        return found

    def path(self, name: str, version: Which = ACTIVE) -> Path:
        """Return where a version's file lies; it never changes."""
        return self._file(name, self.version(name, version).version)

    def artifact(self, name: str, version: Which = ACTIVE) -> Artifact:
        """Return a version, opened; the same object as long as it is at hand.

        Raises
        ------
        AbsentError
            If there is none.
        ArtifactError
            If its file has been altered or lost.
        """
        found = self.version(name, version)
        return self._cache.get(found.sha256, lambda: self._open(name, found))

    def add(self, name: str, path: Path, *, by: str, note: str = "", trusted: bool = False) -> tuple[Version, bool]:
        """Add the artifact in a file as the next version; the first one is in force at once.

        Parameters
        ----------
        name
            Letters, digits and ``- _ .``, at most 100.
        path
            The file; it is copied.
        by, note
            Who adds it, and what they say of it.
        trusted
            Was it made here? Else its graph is tried out in a process of its own, which takes half a second.

        Returns
        -------
        Version, bool
            The version, and whether it is new: the same bytes are added once.

        Raises
        ------
        SettingError
            If the name cannot be one.
        ArtifactError
            If the file is no sound artifact; then nothing is left behind.
        """
        place = self._place(name)
        sha256 = _sha256(path)
        facts = facts_of(_sound(path, sha256, trusted=trusted))
        with self._writing(place) as record:
            if (same := next((own for own in record.versions if own.sha256 == sha256), None)) is not None:
                found = record.find(same.version)
                assert found is not None
                return found, False
            number = record.last + 1
            _copy(path, place / f"{number}.tocsin")
            size = (place / f"{number}.tocsin").stat().st_size
            known = {"version": number, "sha256": sha256, "bytes": size, "added": _now(), "by": by, "note": note}
            added = Version.model_validate({**known, **facts})
            record = record.model_copy(update={"last": number, "versions": (*record.versions, added)})
            if record.active is None:
                self._put_in_force(place, record, number, by)
            else:
                _record.write(place, record)
        return self.version(name, number), True

    def activate(self, name: str, version: int, *, by: str) -> Version:
        """Put a version in force, at once; do nothing where it is.

        Raises
        ------
        AbsentError
            If there is none.
        """
        self.version(name, version)
        place = self._place(name)
        with self._writing(place) as record:
            if record.active != version or not self._followed(place, record):
                self._put_in_force(place, record, version, by)
        return self.version(name, version)

    def roll_back(self, name: str, *, by: str) -> Shelf:
        """Put the version in force that was so before the present one, and still is there.

        Raises
        ------
        AbsentError
            If there is nothing of that name.
        InputError
            If nothing was in force before.
        """
        self._known(name)
        place = self._place(name)
        with self._writing(place) as record:
            earlier = _before(record)
            if earlier is None:
                raise InputError(
                    f"No other version of {name} was in force before.", remedy="Activate one by its number."
                )
            self._put_in_force(place, record, earlier, by)
        return self.shelf(name)

    def remove(self, name: str, version: int) -> None:
        """Remove a version that is not in force; its number is not given again.

        Raises
        ------
        AbsentError
            If there is none.
        InputError
            If it is in force.
        """
        self.version(name, version)
        place = self._place(name)
        with self._writing(place) as record:
            if record.active == version:
                raise InputError(f"Version {version} of {name} is in force.", remedy="Activate another one first.")
            kept = tuple(own for own in record.versions if own.version != version)
            _record.write(place, record.model_copy(update={"versions": kept}))
            self._file(name, version).unlink(missing_ok=True)

    def discard(self, name: str) -> None:
        """Remove all versions under a name, the one in force too; their numbers are not given again.

        Raises
        ------
        AbsentError
            If there is nothing of that name.
        """
        self._known(name)
        place = self._place(name)
        with self._writing(place) as record:
            _record.write(place, record.model_copy(update={"versions": (), "activations": ()}))
            for file in place.glob("*.tocsin"):
                file.unlink()

    def _put_in_force(self, place: Path, record: Record, version: int, by: str) -> None:
        """Write the record, then exchange the file that watches follow."""
        history = (*record.activations, Activation(version=version, at=_now(), by=by))
        _record.write(place, record.model_copy(update={"activations": history}))
        _copy(place / f"{version}.tocsin", place / f"{ACTIVE}.tocsin")

    def _followed(self, place: Path, record: Record) -> bool:
        """Tell whether the file that watches follow is the version in force; a crash may have come in between."""
        active, path = record.find(record.active or 0), place / f"{ACTIVE}.tocsin"
        return active is not None and path.exists() and _sha256(path) == active.sha256

    def _known(self, name: str) -> Record:
        record = self._records.read(self._folder / name) if _NAME.fullmatch(name) else Record()
        if not record.versions:
            raise AbsentError(f"There is no artifact called {name[:100]!r}.", remedy="Upload one, or train one.")
        return record

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise SettingError(
                f"{name[:100]!r} cannot be an artifact's name.",
                remedy="Use letters, digits and - _ . only, at most 100, and begin with a letter or digit.",
            )
        return self._folder / name

    def _file(self, name: str, version: int) -> Path:
        return self._place(name) / f"{version}.tocsin"

    @contextmanager
    def _writing(self, place: Path) -> Iterator[Record]:
        """Hold the shelf for oneself, with what was written down of it."""
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        with locked(place / ".lock"):
            yield _record.read(place)

    def _open(self, name: str, version: Version) -> Artifact:
        path = self._file(name, version.version)
        if not path.exists() or _sha256(path) != version.sha256:
            raise ArtifactError(
                f"The file of version {version.version} of {name} was altered or lost.",
                remedy="Add the artifact again, or activate another version.",
            )
        return bundle.load(path)


def _sound(path: Path, sha256: str, *, trusted: bool) -> Artifact:
    """Return the artifact in a file."""
    refuse_at_a_glance(path, "The file")
    artifact = bundle.load(path)
    if artifact.window * len(artifact.schema) > _LARGEST_WINDOW:
        raise ArtifactError("The artifact's window is larger than allowed.", remedy="Train it with a shorter one.")
    if not trusted:
        try_out(path, sha256)
    return artifact


def _before(record: Record) -> int | None:
    """Return the version to which a roll-back leads, of those that are there: one step back, each time."""
    there, trail = {own.version for own in record.versions}, list[int]()
    for one in record.activations:
        del trail[trail.index(one.version) if one.version in trail else len(trail) :]
        trail.append(one.version)
    earlier = [version for version in trail[:-1] if version in there]
    return earlier[-1] if earlier else None


def _copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    part = target.with_name(f".{target.name}.part")
    shutil.copyfile(source, part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
