"""Columns that prepare steps add beside the values: the same in training as in the graph that scores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self, TypeVar

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


class Feature(ABC):
    """A prepare step that adds columns, made of a reading and of those just before it.

    A subclass is a frozen dataclass in a file of its own in this room; the file's name is the step's. It sees the
    scaled values, never what another step has added, and never a later reading.
    """

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Return the step written as ``text`` behind the colon, such as "12" in "rolling:12"."""

    @property
    @abstractmethod
    def reach(self) -> int:
        """How many readings before a reading its columns are made of."""

    @abstractmethod
    def columns(self, values: C) -> tuple[C, ...]:
        """Return what is added, each with one column a channel.

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
class Features:
    """Several steps as one: the values first, then what each step adds, in the order given.

    Parameters
    ----------
    steps
        The steps; none leave everything as it is.
    """

    steps: tuple[Feature, ...] = ()

    @property
    def reach(self) -> int:
        """How many readings before a window have to be known."""
        return max((step.reach for step in self.steps), default=0)

    def __call__(self, series: Float32Array) -> Float32Array:
        """Return ``series`` of shape (rows, channels), scaled, with the added columns: (rows, more channels).

        The rows follow each other without regard to devices or gaps; windows must not reach back over a border. The
        first ``reach`` rows have zeros where nothing can be known.
        """
        if not self.steps:
            return series
        known = np.concatenate([each.values for each in self._all(Series(series))], axis=1)
        return np.concatenate([np.zeros((len(series) - len(known), known.shape[1]), np.float32), known])

    def fold(self, graph: Graph, *, window: int, channels: int) -> Graph:
        """Return ``graph`` with the steps in front, and its shares summed up by channel.

        Parameters
        ----------
        graph
            Takes windows of ``window`` readings with the added columns.
        window
            Readings in such a window; the result takes ``reach`` more.
        channels
            Channels in a reading.
        """
        if not self.steps:
            return graph
        from tocsin.graph.columns import Nodes, beside
        from tocsin.graph.graft import graft
        from tocsin.graph.network import Network

        network = Network(window=self.reach + window, channels=channels)
        columns = self._all(Nodes(network, network.input, network.window))
        score, shares = graft(network, graph, beside(columns).name)
        by_channel = None if shares is None else _by_channel(network, shares, len(columns))
        return network.seal(score, by_channel, curves=graph.curves)

    def _all(self, values: C) -> list[C]:
        length = values.length - self.reach
        columns = [values, *(column for step in self.steps for column in step.columns(values))]
        return [each.without(oldest=each.length - length, newest=0) for each in columns]


def parse(texts: Sequence[str]) -> Features:
    """Return the steps written as ``texts``, such as ("rolling:12", "lag:1,6").

    Raises
    ------
    SettingError
        If there is no such step, its settings make no sense, or it is there twice.

    Examples
    --------
    >>> parse(["rolling:12", "lag:1,6"]).reach
    11
    """
    steps = tuple(_step(text.strip()) for text in texts)
    for place, step in enumerate(steps):
        if step in steps[:place]:
            raise SettingError(f"The prepare step {texts[place]!r} is given twice.", remedy="Leave one out.")
    return Features(steps)


def whole(text: str, *, written: str, least: int, example: str) -> int:
    """Return the whole number, from ``least`` to LONGEST, that ``text`` is; ``written`` is the whole step.

    Raises
    ------
    SettingError
        If it is none.
    """
    digits = text.strip()
    if not digits.isdecimal() or not least <= int(digits[:9]) <= LONGEST:
        raise SettingError(
            f"{written.rstrip(':')}: {digits or 'nothing'} is no whole number from {least} to {LONGEST:,}.",
            remedy=f"For example: --prepare {example}",
        )
    return int(digits)


def _step(text: str) -> Feature:
    name, _, rest = text.partition(":")
    known = [each for each in names("prepare") if _is_step(each)]
    if name not in known:
        raise SettingError(f"There is no prepare step {name!r}.", remedy=f"Choose one of: {', '.join(known)}.")
    made = load("prepare", name).parse(rest)
    assert isinstance(made, Feature)
    return made


def _is_step(name: str) -> bool:
    """Tell steps that add columns from the room's other files."""
    try:
        return issubclass(load("prepare", name), Feature)
    except TypeError:  # more than one class in it
        return False


def _by_channel(network: Network, shares: str, blocks: int) -> str:
    """Add the sum of the shares of all columns that come from one channel."""
    return network.op("MatMul", shares, network.constant(np.tile(np.eye(network.channels), (blocks, 1))))
