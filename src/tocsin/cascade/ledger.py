"""The ledger of pushed artifacts: what is in force, on probation and refused, so that a kill leaves no doubt of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tocsin.core.errors import ArtifactError

State = Literal["configured", "probation", "steady", "rolled back"]

_MOST_REFUSED = 200


class Entry(BaseModel):
    """How things stand with a duty's artifact.

    Parameters
    ----------
    state
        "configured": the one that the settings name; "probation": pushed of late; "steady": pushed, and has proven
        itself; "rolled back": an earlier one, since the one pushed last did not.
    version
        Of the push that is in force; 0 for the artifact that the settings name.
    number, before
        Number in the registry of the artifact in force, and of the one to which a roll-back leads; 0 for none.
    since
        When it came into force, in ns since the epoch.
    why
        Why it was rolled back.
    deaths
        How often the watch was started while the artifact was on probation, without having been ended in good order.
    readings, judged, anomalous, without, seconds
        How judging went with the artifact before; see :class:`~tocsin.cascade.probation.Conduct`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: State = "configured"
    version: int = 0
    number: int = 0
    before: int = 0
    since: int = 0
    why: str = ""
    deaths: int = 0
    readings: int = 0
    judged: int = 0
    anomalous: int = 0
    without: int = 0
    seconds: float = 0.0


class Ledger(BaseModel):
    """All that is remembered of pushes, in one small file that is exchanged whole.

    Parameters
    ----------
    seen
        The greatest version of a push that was dealt with; what is not greater is not looked at again.
    duties
        Entries by the duty's name.
    refused
        Why, by the SHA-256 of an artifact that was refused or rolled back: it is not taken again.
    last
        Why the last push was refused, in a sentence; "" where it was not.

    Examples
    --------
    >>> Ledger().entry("").state
    'configured'
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seen: int = 0
    duties: dict[str, Entry] = Field(default_factory=dict)
    refused: dict[str, str] = Field(default_factory=dict)
    last: str = ""

    def entry(self, duty: str) -> Entry:
        """Return how things stand with a duty."""
        return self.duties.get(duty, Entry())

    def put(self, duty: str, entry: Entry) -> Ledger:
        """Return the ledger with another entry for a duty."""
        return self.model_copy(update={"duties": {**self.duties, duty: entry}})

    def refuse(self, sha256: str, why: str) -> Ledger:
        """Return the ledger with an artifact that is not taken again; of very many, the oldest are forgotten."""
        kept = dict(list({**self.refused, sha256: why}.items())[-_MOST_REFUSED:])
        return self.model_copy(update={"refused": kept})

    @classmethod
    def read(cls, path: Path) -> Ledger:
        """Return the ledger in a file; an empty one where there is no file.

        Raises
        ------
        ArtifactError
            If it is damaged.
        """
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return cls()
        except (ValidationError, ValueError):
            raise ArtifactError(
                f"{path}, which tells what was pushed, is damaged.",
                remedy=f"Remove the folder {path.parent}: the artifact of the settings is in force then.",
            ) from None

    def write(self, path: Path) -> None:
        """Write the ledger, whole or not at all, and wait until the disk has it."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f".{path.name}.part")
        with part.open("w", encoding="utf-8") as file:
            file.write(self.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
