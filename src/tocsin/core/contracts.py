"""What each kind of part promises; every promise is checked by :mod:`tocsin.testing`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tocsin.core.arrays import ByteArray, FloatArray
from tocsin.core.reference import Reference
from tocsin.core.state import S, Stateful
from tocsin.core.windows import Windows
from tocsin.core.written import written


@dataclass(frozen=True, eq=False)
class Graph:
    """A trained detector: an ONNX graph and nothing else.

    The graph has one input, ``window`` float32 of shape (n, window, channels), and the output ``score`` of shape (n,),
    and where it can tell, ``by_channel`` of shape (n, channels), summing to the score, and ``expected`` of shape
    (n, channels): what the detector expected of the window's last reading. A detector's graph takes, and expects, the
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


@dataclass(frozen=True, eq=False)
class Bounds:
    """What a fitted threshold says of each score; shaped as the scores.

    Parameters
    ----------
    limit
        float64: the limit in force; NaN where there is no score.
    regime
        uint8: 1 where a lasting new level of the scores is noticed, 2 where it is taken as normal from here on, else 0.
    """

    limit: FloatArray
    regime: ByteArray


class Limits(Stateful[S, FloatArray, Bounds]):
    """A fitted threshold: scores of shape (devices,), NaN where there is none, go in; the limits in force come out.

    The limit for a score never depends on that score itself. A subclass is a frozen dataclass of numbers, so that an
    artifact can keep it as it stands.
    """


@dataclass(frozen=True)
class Found:
    """What a threshold found.

    Parameters
    ----------
    limits
        The fitted threshold.
    raise_after
        Anomalous windows in a row after which to ring, where the threshold has a say in it.
    said
        The evidence, in plain sentences: what was promised, and what stands behind it.
    warnings
        What to know before trusting it.
    """

    limits: Limits[Any]
    raise_after: int | None = None
    said: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Threshold(ABC):
    """The rule by which limits are found. A frozen dataclass of settings in a file of its own."""

    fitted: ClassVar[type[Limits[Any]]]
    """The type of the limits that ``fit`` finds."""
    needs_labels: ClassVar[bool] = False
    """Is it tuned on labelled events? Then the reference holds anomalous windows too, and says which."""
    share: ClassVar[float] = 0.15
    """The share of the time, at its end, that should be kept from training as its reference."""

    reference: str = "calibration"
    """Whose scores ``fit`` is given: "calibration" (held-out normal readings, later than the training part),
    "training", "scored" (all that were given to train on), or "stated", for none at all."""

    @classmethod
    def parse(cls, text: str) -> Threshold:
        """Return the threshold written as ``text`` behind the colon: first setting, then ``name=value``, with commas.

        Examples
        --------
        >>> from tocsin.thresholds.percentile import Percentile
        >>> Percentile.parse("99"), Percentile.parse("percent=99,reference=training")
        (Percentile(percent=99.0, reference='calibration'), Percentile(percent=99.0, reference='training'))
        """
        return written(cls, text)

    @abstractmethod
    def fit(self, reference: Reference) -> Found:
        """Find limits from the scores of a reference, which holds one at least unless a stated limit needs none."""
