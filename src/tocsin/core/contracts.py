"""What each kind of part promises; every promise is checked by :mod:`tocsin.testing`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tocsin.core.alerts import Event, Failure
from tocsin.core.arrays import FloatArray
from tocsin.core.readings import Readings
from tocsin.core.state import S, Stateful
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
    relations
        For each channel a row of shares, one for each channel: how much it follows that one. A row of zeros follows
        none. Empty where the detector does not tell, or does not see the channels one by one.
    why
        What the detector chose from the readings, and on what evidence, in plain sentences.
    """

    onnx: bytes
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    relations: tuple[tuple[float, ...], ...] = ()
    why: tuple[str, ...] = ()


class Detector(ABC):
    """A function from windows to a graph. Its fields are settings; it is never "fitted".

    A subclass is a frozen dataclass in a file of its own whose fields all have defaults and which overrides the class
    variables below where they do not suit it.
    """

    default_window: ClassVar[int] = 10
    """Readings in a window unless the user says otherwise."""
    window_rule: ClassVar[Literal["fixed", "period", "memory"]] = "fixed"
    """What a window should hold where the user does not say: "fixed" for the default, "period" for one period of the
    readings, where they have one, "memory" for the default as what is remembered, which outlasts gaps as long as
    itself. Each is shortened where readings are few."""
    window_bounds: ClassVar[tuple[int, int]] = (2, 120)
    """The shortest and the longest window that may be chosen for it."""
    takes_units: ClassVar[bool] = False
    """Do its settings name values in the channels' units? Then counters and angles are left as they are."""
    default_scale: ClassVar[str] = "minmax"
    """The prepare step that scales what the detector sees: "minmax", "zscore", "robust" or "none"."""
    default_threshold: ClassVar[str] = "percentile:99.5"
    """The threshold that suits the scores, as the user would write it."""
    random: ClassVar[bool] = True
    """Does what it learns depend on the seed? Where it does not, one seed says as much as five."""
    needs_labels: ClassVar[bool] = False
    """Can it learn only where windows carry labels?"""
    quick: ClassVar[Mapping[str, Any]] = {}
    """Settings with which it learns in a second or two, for the conformance checks, where the defaults take longer."""
    expected_failures: ClassVar[Mapping[str, str]] = {}
    """Conformance checks that it cannot pass, by name, each with the reason; shown in the reference docs."""

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


class Limits(Stateful[S, FloatArray, FloatArray]):
    """A fitted threshold: scores of shape (devices,), NaN where there is none, go in; the limits in force come out.

    A subclass is a frozen dataclass of numbers, so that an artifact can keep it as it stands.
    """


class Threshold(ABC):
    """The rule by which limits are found. A frozen dataclass of settings in a file of its own."""

    fitted: ClassVar[type[Limits[Any]]]
    """The type that ``fit`` returns."""

    reference: str
    """Whose scores ``fit`` is given: "calibration" (held-out normal readings, later than the training part),
    "training", "scored" (all that were given to train on), or "stated", for none at all."""

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Threshold:
        """Return the threshold written as ``text`` behind the colon, such as "99.5" in "percentile:99.5"."""

    @abstractmethod
    def fit(self, scores: FloatArray) -> Limits[Any]:
        """Find limits from ``scores`` of shape (n,): by default those of held-out normal readings, in order of time."""

    def warnings(self, scores: FloatArray) -> tuple[str, ...]:  # noqa: ARG002  # most rules have nothing to object
        """Return what the user should know about a limit found from ``scores``."""
        return ()


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
