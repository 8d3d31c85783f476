"""Draws the picture of the page on adaptive limits and measures what it tells: python docs/adaptive.py.

Nothing in that picture or in its tables is typed by hand.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Bounds
from tocsin.core.reference import Reference
from tocsin.evaluation.pictures._looks import AMBER, BLUES, GREY, INK, MUTED, RED, settle
from tocsin.thresholds._adaptive_limits import AdaptiveLimits
from tocsin.thresholds.adaptive import Adaptive
from tocsin.thresholds.percentile import Percentile

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HERE = Path(__file__).parent
PAGE = HERE / "explanation/adaptive.md"
PICTURE = HERE / "adaptive.png"
GUARD = re.compile(r"(?<=<!-- Guard: made by docs/adaptive.py -->\n).*?(?=<!-- Guard: end -->)", re.DOTALL)
RAMPS = re.compile(r"(?<=<!-- Ramps: made by docs/adaptive.py -->\n).*?(?=<!-- Ramps: end -->)", re.DOTALL)

SPEEDS = (1, 2, 3, 4, 5, 10, 20, 50)
"""Spreads that a fault climbs while the memory forgets."""

DEVICES, HIGHEST = 20, 60
"""Devices on which each speed is tried, and how many spreads it climbs."""

ROWS, CHANGE = 4500, 1000
"""Scores in the picture, and where each fault begins."""


def noise(seed: int, n: int) -> FloatArray:
    """Return scores of a healthy device: absolute values of white noise."""
    return np.abs(np.random.default_rng(seed).standard_normal(n))


def fitted() -> AdaptiveLimits:
    """Return the limits that the defaults find."""
    found = Adaptive().fit(Reference.of(noise(0, 50_000))).limits
    assert isinstance(found, AdaptiveLimits)
    return found


def bounds(limits: AdaptiveLimits, scores: FloatArray) -> Bounds:
    """Return what the limits say of scores of shape (devices, time)."""
    return limits.scan(limits.init(len(scores)), scores, np.ones(scores.shape, np.bool_))[1]


def ramps(limits: AdaptiveLimits) -> str:
    """Return the table of faults that climb at several speeds: how many are told, and when."""
    law = limits.law
    lines = ["| climbs, while 1,000 scores are remembered | told | when it has climbed |", "|---|---|---|"]
    for speed in SPEEDS:
        climbed = np.arange(HIGHEST * law.window // speed) * speed / law.window
        scores = np.stack([noise(seed, len(climbed)) for seed in range(1, DEVICES + 1)]) + climbed * law.spread
        above = scores > bounds(limits, scores).limit
        rung = above[:, 2:] & above[:, 1:-1] & above[:, :-2]
        told = [climbed[2:][own][0] for own in rung if own.any()]
        when = f"{np.median(told):.0f} spreads" if told else "–"
        lines.append(f"| {speed} spread{'s' * (speed > 1)} | {len(told)} of {DEVICES} | {when} |")
    return "\n".join(lines) + "\n"


def guard() -> str:
    """Return the table of what comes of a reach that does not know that the greatest scores are left out."""
    known, later = noise(0, 50_000), noise(1, 500_000)
    away = (known - known.mean()) / np.abs(known - known.mean()).mean()
    lines = ["| asked | a reach that does not know of it | as it is found |", "|---|---|---|"]
    for rate in (0.001, 0.01, 0.1):
        found = Adaptive(rate).fit(Reference.of(known)).limits
        assert isinstance(found, AdaptiveLimits)
        unaware = AdaptiveLimits(replace(found.law, reach=float(np.quantile(away, 1 - rate))))
        shares = [(later > bounds(limits, later[None]).limit[0]).mean() for limits in (unaware, found)]
        lines.append(f"| {rate:.1%} | {shares[0]:.2%} | {shares[1]:.2%} |")
    return "\n".join(lines) + "\n"


def draw(limits: AdaptiveLimits) -> None:
    """Draw what becomes of a lasting change, of a fault that climbs, and of a slow change of what is normal."""
    from matplotlib.figure import Figure

    after = np.arange(ROWS - CHANGE)
    faults = {
        "A change for good: it rings, tells the new level, takes it for normal, and is quiet": 8.0 + 0 * after,
        "A fault that climbs: it rings, and goes on ringing": 2 + 0.006 * after,
        "What is normal drifts slowly: the limit follows": 0.0008 * after,
    }
    constant = Percentile(99.9).fit(Reference.of(noise(0, 50_000))).limits
    figure = Figure(figsize=(9.2, 7.2), layout="constrained", facecolor="white")
    for axes, (title, fault) in zip(figure.subplots(3, 1, sharex=True), faults.items(), strict=True):
        scores = noise(3, ROWS)
        scores[CHANGE:] += fault
        _panel(axes, scores, bounds(limits, scores[None]), float(getattr(constant, "limit")))  # noqa: B009  # of that kind
        axes.set_title(title, loc="left", color=INK, fontsize=10)
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper left", frameon=False, fontsize=8.5, ncols=4, labelcolor=MUTED)
    axes.set_xlabel("scores of one device, in order of time", color=MUTED, fontsize=8.5)
    figure.savefig(PICTURE, dpi=110, metadata={"Software": None})


def _panel(axes: Axes, scores: FloatArray, found: Bounds, constant: float) -> None:
    settle(axes)
    place, limit = np.arange(len(scores)), found.limit[0]
    above = scores > limit
    axes.plot(place[~above], scores[~above], ".", color=GREY, markersize=2, label="score")
    axes.plot(place[above], scores[above], ".", color=RED, markersize=2.5, label="above the adaptive limit")
    axes.plot(place, limit, color=BLUES[0], linewidth=1.8, label="adaptive:1e-3")
    axes.axhline(constant, color=INK, linewidth=1, linestyle=(0, (5, 3)), label="percentile:99.9")
    for regime, colour, told, side in ((1, AMBER, "noticed", "right"), (2, BLUES[1], "taken for normal", "left")):
        for at in np.flatnonzero(found.regime[0] == regime).tolist():
            axes.axvline(at, color=colour, linewidth=1.4)
            beside: dict[str, Any] = {
                "xytext": (-4 if side == "right" else 4, -11),
                "textcoords": "offset points",
                "ha": side,
            }
            axes.annotate(told, (at, 1), xycoords=("data", "axes fraction"), color=colour, fontsize=9, **beside)
    axes.set_ylabel("score", color=MUTED, fontsize=8.5)
    axes.set_ylim(0, 1.15 * max(float(scores.max()), constant))


def write() -> None:
    """Draw the picture, and write the tables into the page."""
    limits = fitted()
    draw(limits)
    page = RAMPS.sub(lambda _: ramps(limits), PAGE.read_text("utf-8"))
    PAGE.write_text(GUARD.sub(lambda _: guard(), page), "utf-8")
    print(f"→ docs/{PICTURE.name}, docs/{PAGE.relative_to(HERE)}")


if __name__ == "__main__":
    write()
