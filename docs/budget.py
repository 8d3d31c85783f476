"""The figures of explanation/budget.md: how often a budget was kept, after how many days of watching, on four noises.

Run with: python docs/budget.py
"""

from __future__ import annotations

import sys

import numpy as np
from scipy.signal import lfilter

from tocsin.alerting.policy import Policy
from tocsin.core.arrays import FloatArray
from tocsin.core.reference import Reference
from tocsin.thresholds.budget import Budget
from tocsin.training.ringing import Seen, ringing

NOISES = {"white": "white noise", "ar": "AR(1), φ = 0.95", "t3": "Student's t, 3 degrees", "seasonal": "a daily cycle"}
DAYS, MONTH, PER_DAY, MOST = (3, 9, 18, 32, 60), 30, 48, 4
TRIALS = 200


def noise(kind: str, readings: int, rng: np.random.Generator) -> FloatArray:
    """Return absolute values of noise as scores, shape (readings,)."""
    if kind == "t3":
        return np.abs(rng.standard_t(3, readings))
    white = rng.standard_normal(readings)
    if kind == "ar":
        white[1:] *= np.sqrt(1 - 0.95**2)
        return np.abs(np.asarray(lfilter([1.0], [1.0, -0.95], white), np.float64))
    wave = np.sin(2 * np.pi * np.arange(readings) / PER_DAY) if kind == "seasonal" else np.zeros(readings)
    return np.abs(0.8 * wave + (1 + 0.5 * wave) * white)


def watched(score: FloatArray) -> Reference:
    """Return scores as those of one device, with the default policy behind them."""
    period = 86_400 * 10**9 // PER_DAY
    time, device = np.arange(1, len(score) + 1) * period, np.zeros(len(score), np.int64)
    nobody = np.zeros((len(score), 0), np.float32)
    seen = Seen(score, time, device, nobody, nobody, nobody)
    return Reference(score, time, device, period_ns=period, ringing=ringing(Policy(1), seen))


def trial(kind: str, days: int, rng: np.random.Generator) -> tuple[bool, bool]:
    """Return whether the month after kept the budget, and whether the verdict was "not enough"."""
    score = noise(kind, (days + MONTH) * PER_DAY, rng)
    found = Budget().fit(watched(score[: days * PER_DAY]))
    ring = watched(score[days * PER_DAY :]).ringing
    assert ring is not None
    limit = getattr(found.limits, "limit", np.nan)
    return len(ring(limit, found.raise_after or 3)) <= MOST, any("Not enough" in text for text in found.warnings)


def table(trials: int = TRIALS) -> str:
    """Return the table: share of device-months in which the budget was kept, and the verdict before it."""
    rows = ["| scores | " + " | ".join(f"{days} days" for days in DAYS) + " |", "|---|" + "---|" * len(DAYS)]
    for kind, name in NOISES.items():
        rng, cells = np.random.default_rng(1), []
        for days in DAYS:
            kept, few = (np.mean(each) for each in zip(*(trial(kind, days, rng) for _ in range(trials)), strict=True))
            cells.append(f"{100 * kept:.0f} %" + (" (not enough)" if few > 0.5 else ""))
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS))
