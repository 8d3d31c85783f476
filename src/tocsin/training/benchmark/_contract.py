"""What a benchmark is: cases that say what is learned from and what is judged, and tables that sum up the runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray
from tocsin.core.errors import InputError
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table

Facts = dict[str, Any]
"""What is kept of one run, in JSON's terms."""


@dataclass(frozen=True, eq=False)
class Case:
    """One table of a benchmark, with labels, and the protocol's split.

    Parameters
    ----------
    name
        Such as "valve1/0".
    table
        In the order in which its rows are judged.
    learn, judged
        ndarrays of shape (readings,), bool: no reading is in both.
    normal_only
        Does the protocol train on normal readings alone? Then the labels of the readings learned from keep the others
        out; else a detector that asks for no labels never sees them.
    window
        Readings of the buffers of VUS; None for the period of the first channel.
    group
        What it is summed up with, where a benchmark has parts.
    kind
        ndarray of shape (readings,), str: what went wrong, "" where nothing did; None where nobody knows.
    """

    name: str
    table: Table
    learn: BoolArray
    judged: BoolArray
    normal_only: bool = False
    window: int | None = None
    group: str = ""
    kind: npt.NDArray[np.str_] | None = None

    @property
    def labels(self) -> BoolArray:
        """Labels of all readings, ndarray of shape (readings,), bool."""
        assert self.table.labels is not None
        return self.table.labels

    @property
    def teaches(self) -> bool:
        """Whether the readings to learn from hold labelled anomalies, without which labels teach nothing."""
        return bool(self.labels[self.learn].any())


@dataclass(frozen=True, eq=False)
class Run:
    """What one method with one seed made of one case.

    Parameters
    ----------
    method, case, seed
        Who did what.
    facts
        What :meth:`Benchmark.facts` returned; empty where it failed, which counts as if nothing had been found.
    failure
        Why it failed, or "".
    fit_s, score_s
        Seconds for training and for scoring the whole table.
    path
        Where the outcome of all readings lies, None where it failed.
    why
        What was chosen from the readings and why, in sentences, as the artifact would tell it.
    """

    method: str
    case: Case
    seed: int
    facts: Facts = field(default_factory=dict)
    failure: str = ""
    fit_s: float = 0.0
    score_s: float = 0.0
    path: Path | None = None
    why: tuple[str, ...] = ()

    def outcome(self) -> Outcome | None:
        """Return what was said of all readings of the case."""
        return None if self.path is None else Outcome.load(self.path)


@dataclass(frozen=True)
class Column:
    """A column of a table of results.

    Parameters
    ----------
    name
        In JSON.
    label
        On the page.
    meaning
        In a few words, for the legend.
    digits
        Behind the decimal point.
    rises
        Is more better? None where neither is.
    """

    name: str
    label: str
    meaning: str
    digits: int = 3
    rises: bool | None = True


Measure = Callable[[Sequence[Run]], Mapping[str, float | None]]
"""From the runs of one method with one seed, one for each case, to the figures of one row."""


@dataclass(frozen=True)
class Sheet:
    """A table of results: a row for each method, beside published ones.

    Parameters
    ----------
    name, title
        In JSON, and on the page.
    columns
        The first one orders the rows.
    measure
        What a row says.
    remarks
        What must be known to read the table.
    published
        Name of the file of published rows, or "".
    paired
        The fact of a run by which methods are compared case by case, or "".
    group
        Cases of this group only; None for all.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    measure: Measure
    remarks: tuple[str, ...] = ()
    published: str = ""
    paired: str = ""
    group: str | None = None


class Benchmark(ABC):
    """A published protocol.

    A subclass is a frozen dataclass in a file of its own; its fields are the protocol's numbers.
    """

    folder: ClassVar[str]
    """What the folder of its files is usually called."""
    sign: ClassVar[str]
    """A path or pattern inside the folder by which it is recognised."""
    origin: ClassVar[str]
    """Where its files come from."""
    example: ClassVar[str]
    """The case whose scores are drawn."""

    @abstractmethod
    def cases(self, folder: Path) -> Iterator[Case]:
        """Yield the cases whose files lie in ``folder``."""

    @abstractmethod
    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:
        """Return what is kept of one run.

        Parameters
        ----------
        case
            What was judged.
        outcome
            What was said of all readings of the case, those learned from too.
        window
            Readings that each score looks back on, itself included.
        """

    @abstractmethod
    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return the tables of the protocol."""

    def keep(self, run: Run, folder: Path) -> None:  # noqa: B027  # most protocols have no files of their own
        """Write what the protocol wants written of one run into ``folder``."""

    def find(self, data: Path) -> Path:
        """Return the folder with the files: ``data`` itself, or the folder of the usual name in it.

        Raises
        ------
        InputError
            If they are in neither.
        """
        for place in (data, data / self.folder):
            if any(place.glob(self.sign)):
                return place
        raise InputError(
            f"The files of the benchmark are neither in {data} nor in {data / self.folder}: there is no {self.sign}.",
            remedy=f"Fetch them first: {self.origin}",
        )
