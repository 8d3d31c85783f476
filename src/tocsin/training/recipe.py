"""The recipe: every choice that training needs, with defaults that suit most plants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from tocsin.core.contracts import Detector, Threshold
from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.prepare.scale import Scale


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. What is None is chosen from the detector or the readings.

    Parameters
    ----------
    detector
        Name of a detector; ``tocsin detectors`` lists them.
    settings
        The detector's own settings by name; those left out keep their defaults.
    window
        Readings in a window; None for the detector's default.
    scale
        "minmax", "zscore", "robust" or "none"; None for the detector's default.
    threshold
        Such as "percentile:99.5", "percentile:95@training" or "fixed:3.5"; None for the detector's default.
    clock
        "auto": gather readings on a grid unless they lie on one already; "on"; "off".
    period_s
        Cadence in seconds; None for the one found in the readings.
    lateness_s
        How long a bin is kept open for stragglers, in seconds, with the clock on; None for one period.
    hold
        Periods for which a silent channel keeps its last value.
    raise_after, release_below, release_after, cooldown
        The alarm policy; see :class:`tocsin.alerting.policy.Policy`.
    seed
        Seed of all chance in training.
    """

    detector: str = "lstm_autoencoder"
    settings: Mapping[str, Any] = field(default_factory=dict)
    window: int | None = None
    scale: str | None = None
    threshold: str | None = None
    clock: Literal["auto", "on", "off"] = "auto"
    period_s: float | None = None
    lateness_s: float | None = None
    hold: int = 3
    raise_after: int = 3
    release_below: float = 0.9
    release_after: int = 3
    cooldown: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.window is not None and not 1 <= self.window <= 100_000:
            raise SettingError(
                f"A window holds from 1 to 100000 readings, not {self.window}.", remedy="For example: --window 10"
            )
        if self.clock not in ("auto", "on", "off"):
            raise SettingError(f"The clock cannot be {self.clock!r}.", remedy="Choose one of: auto, on, off.")
        if self.hold < 0:
            raise SettingError(f"hold counts periods from 0, not {self.hold}.", remedy="For example: --hold 3")
        if self.period_s is not None and not self.period_s > 0:
            raise SettingError(f"period_s must be above 0, not {self.period_s:g}.", remedy="For example: --period 60")

    def make_detector(self) -> Detector:
        """Return the detector with its settings.

        Raises
        ------
        SettingError
            If there is no such detector or setting.
        """
        kind = load("detectors", self.detector)
        known = [f.name for f in fields(kind)]
        if unknown := sorted(set(self.settings) - set(known)):
            raise SettingError(f"{self.detector} has no setting {unknown[0]!r}.", remedy=f"It has: {', '.join(known)}.")
        made = kind(**self.settings)
        assert isinstance(made, Detector)
        return made

    def make_threshold(self, detector: Detector) -> tuple[str, Threshold]:
        """Return the threshold as written, and as an object."""
        written = self.threshold or detector.default_threshold
        name, _, rest = written.partition(":")
        made = load("thresholds", name).parse(rest)
        assert isinstance(made, Threshold)
        return written, made

    def make_scale(self, detector: Detector) -> Scale:
        """Return the scale."""
        return Scale(self.scale or detector.default_scale)  # type: ignore[arg-type]  # checked by Scale
