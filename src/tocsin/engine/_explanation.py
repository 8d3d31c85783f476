"""What is known of one verdict, in numbers and in words: the answer to "why did it ring?"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.schema import Channel

SOURCES = {
    "graph": "the detector's own shares",
    "occlusion": "what exchanging channels with normal windows takes away",
    "gradients": "integrated gradients of the score",
    "shap": "Shapley values of the score",
}
"""Where shares come from, in words."""

LEAST = 0.005
"""A portion below this is rounded to none."""


@dataclass(frozen=True)
class Part:
    """One channel's part in a score.

    Parameters
    ----------
    channel
        Its name and unit.
    actual, usual
        What it showed, and its median in training. A counter is told as its rise per period.
    expected, band
        What the detector expected of it, and how far a normal reading strays from that; None where it tells nothing.
    share
        Its share of what is explained, in the score's units; None where unattributed.
    portion
        The same as a portion of the whole, 1 being all of it; None where there is nothing to divide.
    """

    channel: Channel
    actual: float
    usual: float
    expected: float | None
    band: float | None
    share: float | None
    portion: float | None

    @property
    def as_expected(self) -> bool:
        """Is what it showed as near to what was expected as normal readings are? False where nobody knows."""
        known = self.expected is not None and self.band is not None
        return known and abs(self.actual - (self.expected or 0)) <= (self.band or 0)

    def remark(self) -> str:
        """Return in words what the channel did.

        >>> Part(Channel("temp", "°C"), 27.1, 21.9, 22.3, 0.81, 2.0, 0.71).remark()
        'measured 27.1, expected 22.3 ± 0.81'
        >>> Part(Channel("temp", "°C"), 27.1, 21.9, None, None, 2.0, 0.71).remark()
        'measured 27.1, usual 21.9'
        """
        if self.expected is None:
            return f"measured {figure(self.actual)}, usual {figure(self.usual)}"
        strays = "" if self.band is None else f" ± {figure(self.band, digits=3)}"
        return f"measured {figure(self.actual)}, expected {figure(self.expected)}{strays}"


@dataclass(frozen=True, eq=False)
class Around:
    """A device's readings and verdicts before and after the one that is explained, in order of time.

    Parameters
    ----------
    time
        ndarray of shape (n,), int64: ns, or row numbers where rows are the clock.
    values, expected
        ndarrays of shape (n, channels), float64: prepared readings, and what was expected of them, of shape (n, 0)
        where nothing was. NaN where unknown.
    score, limit
        ndarrays of shape (n,), float64; NaN where there is no score.
    place
        The place of the reading that is explained.
    window
        Readings in its window.
    incident
        Start and end of the incident that it belongs to, or None.
    row_clock
        Are rows counted, because the readings have no clock?
    """

    time: IntArray
    values: FloatArray
    expected: FloatArray
    score: FloatArray
    limit: FloatArray
    place: int
    window: int
    incident: tuple[int, int] | None
    row_clock: bool


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a reading got its score.

    Parameters
    ----------
    device, time
        Which reading: the device's name ("-" where none has one), and the time as a stamp in UTC or a row's number.
    score, limit, severity
        What the verdict was; severity is score / limit, above 1 is anomalous.
    incident
        The incident that the reading belongs to: incident_id, start, peak, end, severity, grade, cause,
        state. None if none.
    detector
        Name of the detector.
    method
        "shares", "gradients" or "shap": what was asked for.
    source
        Where the shares come from: see ``SOURCES``.
    base
        The score of usual values, over which gradients and Shapley values tell the rise; 0 for shares.
    parts
        One for each channel, in the schema's order.
    over_time
        ndarray of shape (window, channels), float64, for gradients: the parts of each reading in the window.
    stamps
        When the window's readings were, oldest first.
    notes
        What to know before trusting it, in sentences.
    around
        The readings before and after.
    """

    device: str
    time: str
    score: float
    limit: float
    severity: float
    incident: dict[str, Any] | None
    detector: str
    method: str
    source: str
    base: float
    parts: tuple[Part, ...]
    over_time: FloatArray | None
    stamps: tuple[str, ...]
    notes: tuple[str, ...]
    around: Around

    @property
    def status(self) -> str:
        """What people call it: "anomalous" above the limit, else "normal"."""
        return "anomalous" if self.score > self.limit else "normal"

    @property
    def whole(self) -> str:
        """What the shares are shares of: the "score", or its "rise" above that of usual values."""
        return "score" if self.method == "shares" else "rise"

    def ranked(self) -> tuple[Part, ...]:
        """Return the channels' parts, greatest share first."""
        return tuple(sorted(self.parts, key=lambda part: -(-math.inf if part.share is None else part.share)))

    def telling(self) -> tuple[Part, ...]:
        """Return those of them with half a percent or more, up or down; all where there is nothing to divide."""
        return tuple(part for part in self.ranked() if part.portion is None or abs(part.portion) >= LEAST)

    def headline(self) -> str:
        """Return the verdict in a sentence."""
        whose = "" if self.device == "-" else f" of {self.device}"
        return (
            f"The reading{whose} at {spoken(self.time)} is {self.status}: "
            f"its score {figure(self.score)} is {figure(self.severity, digits=3)} times the limit {figure(self.limit)}."
        )

    def story(self) -> tuple[str, ...]:
        """Return the explanation in sentences, the most telling first; ``notes`` go behind."""
        told = [self.headline()]
        if self.incident is not None:
            own, held = self.incident, ", held back and not told" if self.incident["state"] == "held" else ""
            told.append(
                f"It belongs to incident {own['incident_id']} ({own['grade']}{held}), from {spoken(own['start'])} to "
                f"{spoken(own['end'])}, which peaked at {spoken(own['peak'])}."
            )
        leading = [part for part in self.ranked() if part.portion is not None and part.portion >= 0.1][:3]
        told += [
            f"{100 * (part.portion or 0):.0f} % of the {self.whole} comes from {part.channel.label}: {part.remark()}."
            for part in leading
        ]
        if leading and leading[0].as_expected and self.around.window > 1:
            name = leading[0].channel.label
            told.append(f"What {name} showed here was as expected: most likely, the cause lies earlier in its window.")
        return tuple(told)

    def as_dict(self) -> dict[str, Any]:
        """Return all of it as plain values, ready for JSON."""
        over_time = None if self.over_time is None else self.over_time.tolist()
        return {
            "device": self.device,
            "time": self.time,
            "score": self.score,
            "limit": _finite(self.limit),
            "severity": _finite(self.severity),
            "status": "ok",
            "anomaly": self.score > self.limit,
            "incident": self.incident,
            "detector": self.detector,
            "method": self.method,
            "shares_from": self.source,
            "base": self.base,
            "channels": [_told(part) for part in self.parts],
            "window": list(self.stamps),
            "over_time": over_time,
            "notes": list(self.notes),
        }


def figure(value: float, *, digits: int = 4) -> str:
    """Return ``value`` with so many digits that count, and no power of ten unless it is astronomic.

    >>> figure(23.1846), figure(1258.4, digits=3), figure(20_000_123.0), figure(2.5e12)
    ('23.18', '1,258', '20,000,123', '2.5e+12')
    """
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.{digits}g}"


def spoken(stamp: str) -> str:
    """Return a stamp as people read it, and may type it.

    >>> spoken("2026-03-01T14:20:00Z"), spoken("2026-03-01T14:20:05.250Z"), spoken("120")
    ('2026-03-01 14:20 UTC', '2026-03-01 14:20:05.250 UTC', 'row 120')
    """
    if not stamp.endswith("Z"):
        return f"row {stamp}"
    return f"{stamp.removesuffix('Z').removesuffix(':00').replace('T', ' ')} UTC"


def _told(part: Part) -> dict[str, Any]:
    return {
        "channel": part.channel.name,
        "unit": part.channel.unit,
        "share": part.share,
        "portion": part.portion,
        "actual": part.actual,
        "expected": part.expected,
        "band": part.band,
        "usual": part.usual,
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
