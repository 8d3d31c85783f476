"""What each kind of part promises; every promise is checked by :mod:`tocsin.testing`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from tocsin.core.alerts import Event, Failure
from tocsin.core.readings import Readings
from tocsin.core.windows import Windows


@dataclass(frozen=True, eq=False)
class Graph:
    """A trained detector: an ONNX graph and nothing else.

    The graph has one input, ``window`` float32 of shape (n, window, channels), and the output ``score`` of shape (n,),
    and where it can tell, ``by_channel`` of shape (n, channels), summing to the score. A detector's graph takes the
    units the detector was fitted on; training folds the scaling in front, so that an artifact's graph takes raw units.

    Parameters
    ----------
    onnx
        The serialised ONNX model.
    curves
        What the fit wants remembered, such as ``{"training_loss": (…), "validation_loss": (…)}``, one value an epoch.
    """

    onnx: bytes
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


class Detector(ABC):
    """A function from windows to a graph. Its fields are settings; it is never "fitted".

    A subclass is a frozen dataclass in a file of its own whose fields all have defaults and which overrides the class
    variables below where they do not suit it.
    """

    default_window: ClassVar[int] = 10
    """Readings in a window unless the user says otherwise."""
    default_scale: ClassVar[str] = "minmax"
    """The prepare step that scales what the detector sees: "minmax", "zscore", "robust" or "none"."""
    default_threshold: ClassVar[str] = "percentile:99.5"
    """The threshold that suits the scores, as the user would write it."""
    needs_labels: ClassVar[bool] = False
    """Can it learn only where windows carry labels?"""

    @abstractmethod
    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Learn from ``windows`` and return the graph that scores windows of the same length and channels.

        Parameters
        ----------
        windows
            Normal windows, in the units that ``default_scale`` yields; ``windows.validation`` holds later ones.
        seed
            The same seed on the same machine gives the same graph.
        """


@dataclass(frozen=True)
class Position:
    """How far a source has been read, in the source's own terms: enough to go on from there."""

    value: str


@dataclass(frozen=True, eq=False)
class Batch:
    """What one poll brought: readings (possibly none: a tick) and the position behind them."""

    readings: Readings
    position: Position


class Source(ABC):
    """Where readings come from."""

    @abstractmethod
    def poll(self, max_rows: int, timeout_s: float) -> Batch | None:
        """Return the next readings, an empty batch where none came in time, or None at the end."""

    @abstractmethod
    def commit(self, position: Position) -> None:
        """Promise that whatever led up to ``position`` is safe; the source may forget it."""

    def close(self) -> None:  # noqa: B027  # a source without resources need not override it
        """Release what the source holds. May be called more than once."""


class Sink(ABC):
    """Where events of incidents go."""

    @abstractmethod
    def send(self, events: Sequence[Event]) -> Sequence[Failure]:
        """Deliver events; return those that failed. Sending an event twice must be harmless."""
