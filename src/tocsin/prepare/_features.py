"""Steps that change values or add columns: the same in training as in the graph that scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Graph
from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.prepare._columns import Columns, Series

if TYPE_CHECKING:
    from tocsin.graph.network import Network

C = TypeVar("C", bound=Columns)

LONGEST = 100_000
"""Readings that a step may look back on."""

KEEP = "keep"
"""Behind a step that replaces the values, this word keeps them, and adds what the step makes."""


class Feature(ABC):
    """A prepare step made of a reading and of those just before it.

    A subclass is a frozen dataclass in a file of its own in this room; the file's name is the step's. It sees the
    scaled values as the steps before it left them, never the columns that they added, and never a later reading.
    """

    replaces: ClassVar[bool] = False
    """Do its columns stand for the values from here on, or beside them?"""

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Return the step written as ``text`` behind the colon, such as "12" in "rolling:12"."""

    @property
    @abstractmethod
    def reach(self) -> int:
        """How many readings before a reading its columns are made of."""

    @property
    def stride(self) -> int:
        """Readings from one row of its columns to the next."""
        return 1

    @abstractmethod
    def columns(self, values: C) -> tuple[C, ...]:
        """Return its columns, each with one column a channel.

        Parameters
        ----------
        values
            Scaled values of consecutive readings, oldest first.

        Returns
        -------
        tuple
            Columns that end with the same reading as ``values``; they may begin up to ``reach`` readings later.
        """


@dataclass(frozen=True)
class Beside(Feature):
    """A step that replaces the values, made to leave them and to add its columns.

    Parameters
    ----------
    step
        That step.
    """

    step: Feature

    def __post_init__(self) -> None:
        if self.step.stride > 1:
            name = type(self.step).__name__.lower()
            raise SettingError(
                f"{name} makes one row of many readings, so the readings cannot be kept beside it.",
                remedy=f"Leave {KEEP} out.",
            )

    @classmethod
    def parse(cls, text: str) -> Beside:
        """Return any step, written in full."""
        return cls(_step(text))

    @property
    def reach(self) -> int:
        """How many readings before a reading the step looks back on."""
        return self.step.reach

    def columns(self, values: C) -> tuple[C, ...]:
        """Return the step's columns."""
        return self.step.columns(values)


@dataclass(frozen=True)
class Features:
    """Several steps as one: the values as the last step left them, then what each step adds, in the order given.

    Parameters
    ----------
    steps
        The steps; none leave everything as it is.

    Raises
    ------
    SettingError
        If a step that makes one row of several readings does not come before those that add columns.
    """

    steps: tuple[Feature, ...] = ()

    def __post_init__(self) -> None:
        added = False
        for step in self.steps:
            if added and step.stride > 1:
                name = type(step).__name__.lower()
                raise SettingError(
                    f"{name} makes one row of many readings, and a step before it has done so or has added columns.",
                    remedy=f"Give {name} once, before rolling, lag and steps with {KEEP}.",
                )
            added = added or not step.replaces or step.stride > 1

    @property
    def stride(self) -> int:
        """Readings from one row to the next: 1 unless a step makes one row of several readings."""
        return prod(step.stride for step in self.steps)

    @property
    def reach(self) -> int:
        """How many readings before a reading its row is made of."""
        return self.readings(1) - 1

    def readings(self, rows: int) -> int:
        """Return how many readings it takes for so many rows."""
        needed = rows
        for step in reversed(self.steps):
            base = needed if step.replaces else rows
            needed = max(needed, (base - 1) * step.stride + 1 + step.reach)
        return needed

    def rows(self, readings: int) -> int:
        """Return how many rows so many readings make."""
        return max(0, (readings - 1 - self.reach) // self.stride + 1)

    def __call__(self, series: Float32Array) -> Float32Array:
        """Return ``series`` of shape (readings, channels), scaled, as rows of columns: (readings ÷ stride, columns).

        The last row ends with the last reading. The rows follow each other without regard to devices or gaps; windows
        must not reach back over a border. The first rows are zeros where nothing can be known.
        """
        if not self.steps:
            return series
        if len(series) <= self.reach:
            return np.zeros((len(series) // self.stride, self.width(series.shape[1])), np.float32)
        known = self._columns(Series(series)).values
        return np.concatenate([np.zeros((len(series) // self.stride - len(known), known.shape[1]), np.float32), known])

    def width(self, channels: int) -> int:
        """Return the number of columns that so many channels get."""
        return self(np.zeros((self.readings(1), channels), np.float32)).shape[1] if self.steps else channels

    def fold(self, graph: Graph, *, window: int, channels: int) -> Graph:
        """Return ``graph`` with the steps in front, and its shares summed up by channel.

        Parameters
        ----------
        graph
            Takes windows of ``window`` rows of columns.
        window
            Rows in such a window; the result takes ``readings(window)`` readings.
        channels
            Channels in a reading.
        """
        if not self.steps:
            return graph
        from tocsin.graph.columns import Nodes
        from tocsin.graph.graft import graft
        from tocsin.graph.network import Network

        network = Network(window=self.readings(window), channels=channels)
        columns = self._columns(Nodes(network, network.input, network.window))
        score, shares = graft(network, graph, columns.name)
        by_channel = None if shares is None else _by_channel(network, shares, self.width(channels) // channels)
        return network.seal(score, by_channel, curves=graph.curves)

    def _columns(self, values: C) -> C:
        added: list[C] = []
        for step in self.steps:
            made = step.columns(values)
            if step.replaces:
                values = made[0].beside(*made[1:])
            else:
                added.extend(made)
        length = min(each.length for each in (values, *added))
        first, *others = (each.without(oldest=each.length - length, newest=0) for each in (values, *added))
        return first.beside(*others)


def parse(texts: Sequence[str]) -> Features:
    """Return the steps written as ``texts``, such as ("difference:1", "rolling:12").

    Raises
    ------
    SettingError
        If there is no such step, its settings make no sense, it is there twice, or at the wrong place.

    Examples
    --------
    >>> parse(["difference:1", "rolling:12"]).reach
    12
    """
    steps, seen = tuple(_step(text.strip()) for text in texts), set[Feature]()
    for text, step in zip(texts, steps, strict=True):
        if step in seen:
            raise SettingError(f"The prepare step {text!r} is given twice.", remedy="Leave one out.")
        seen = set() if step.replaces else seen | {step}
    return Features(steps)


def whole(text: str, *, written: str, least: int, example: str, most: int = LONGEST) -> int:
    """Return the whole number, from ``least`` to ``most``, that ``text`` is; ``written`` is the whole step.

    Raises
    ------
    SettingError
        If it is none.
    """
    digits = text.strip()
    if not digits.isdecimal() or not least <= int(digits[:9]) <= most:
        raise SettingError(
            f"{written.rstrip(':')}: {digits or 'nothing'} is no whole number from {least} to {most:,}.",
            remedy=f"For example: --prepare {example}",
        )
    return int(digits)


def _step(text: str) -> Feature:
    name, _, rest = text.partition(":")
    known = [each for each in names("prepare") if _is_step(each)]
    if name not in known:
        raise SettingError(f"There is no prepare step {name!r}.", remedy=f"Choose one of: {', '.join(known)}.")
    kind = load("prepare", name)
    settings, _, last = rest.rpartition(",")
    if not kind.replaces or last.strip() != KEEP:
        return _made(kind, rest)
    return Beside(_made(kind, settings))


def _made(kind: type[Feature], text: str) -> Feature:
    made = kind.parse(text)
    assert isinstance(made, Feature)
    return made


def _is_step(name: str) -> bool:
    """Tell steps from the room's other files."""
    try:
        return issubclass(load("prepare", name), Feature)
    except TypeError:  # more than one class in it
        return False


def _by_channel(network: Network, shares: str, blocks: int) -> str:
    """Add the sum of the shares of all columns that come from one channel."""
    return network.op("MatMul", shares, network.constant(np.tile(np.eye(network.channels), (blocks, 1))))
