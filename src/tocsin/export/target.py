"""What every target of an export promises; the proof in :mod:`tocsin.export.proof` holds it to that."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import Float32Array
from tocsin.core.scores import Scores


@dataclass(frozen=True, kw_only=True)
class Promise:
    """How far an export may be from the artifact that it was made from.

    Parameters
    ----------
    apart
        Greatest difference of a score, as a share of max(|score|, limit); infinite where scores are not promised.
    margin
        Outside this share of the limit around it, every verdict is the same; inside, it may differ.
    agreement
        Least share of normal readings whose verdict is the same, wherever their scores lie.
    """

    apart: float
    margin: float
    agreement: float = 1.0


@dataclass(frozen=True, eq=False)
class Made(ABC):
    """An artifact turned into something else, which can be asked what it makes of windows.

    Parameters
    ----------
    files
        What is written, by file name; the first is the one that ``-o`` names.
    facts
        What there is to say of it, in order, such as ``{"parameters": "63,813", "flash": "21 kB"}``.
    notes
        What to know before using it, in plain sentences.
    """

    files: Mapping[str, bytes]
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @abstractmethod
    def score(self, windows: Float32Array) -> Scores:
        """Score windows of shape (n, window, channels), float32, in raw units, as the export itself does."""


class Target(ABC):
    """What artifacts can be turned into: a frozen dataclass of settings in a file of its own."""

    @property
    @abstractmethod
    def promise(self) -> Promise:
        """How far what it makes may be from the artifact."""

    @abstractmethod
    def make(self, artifact: Artifact, normal: Float32Array, *, name: str) -> Made:
        """Turn an artifact into something else.

        Parameters
        ----------
        artifact
            What was trained.
        normal
            Normal windows, ndarray of shape (n, window, channels), float32, n ≥ 1, in raw units.
        name
            File name of the main file, as the user wrote it.

        Raises
        ------
        SettingError
            If it cannot be made of an artifact such as this, with what can.
        """
