"""How much scores are worth that resemble their neighbours: a thousand in a row may tell no more than a hundred."""

from __future__ import annotations

import math

import numpy as np

from tocsin.core.arrays import BoolArray
from tocsin.core.reference import Reference

_HIGH = 0.9
"""Share of the scores below those whose company is looked at: the body may forget at once what the tail remembers."""

_LONGEST = 1000
"""Lags looked at."""


def independent_scores(reference: Reference) -> float:
    """Return how many independent scores a reference is worth when it comes to how many of them are high.

    That is n ÷ (1 + 2·Σ autocorrelation) of being among the greatest tenth, summed up to the first lag at which it is
    not positive (Geyer 1992, "Practical Markov chain Monte Carlo"), device by device.

    Examples
    --------
    >>> scores = np.random.default_rng(0).normal(size=5000)
    >>> worth = [independent_scores(Reference.of(np.repeat(scores, k))) for k in (1, 10)]
    >>> [round(n, -3) for n in worth]
    [5000.0, 5000.0]
    """
    high: BoolArray = reference.score > np.quantile(reference.score, _HIGH)
    return float(sum(_worth(high[reference.device == device]) for device in np.unique(reference.device)))


def gamma_quantile(shape: float, normal: float) -> float:
    """Return the quantile of a gamma distribution that stands where ``normal`` stands in the standard normal one.

    Wilson and Hilferty's cube (1931, "The distribution of chi-square"), within 1 % from a shape of 5 on.

    >>> round(gamma_quantile(10, 1.6449), 1), gamma_quantile(0.01, -3.0)
    (15.7, 0.0)
    """
    return shape * max(1 - 1 / (9 * shape) + normal / (3 * math.sqrt(shape)), 0.0) ** 3


def _worth(high: BoolArray) -> float:
    n, most = len(high), min(_LONGEST, len(high) // 2)
    if not 0 < high.sum() < n:
        return float(n)
    off = high - high.mean()
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(off, size)
    alike = np.fft.irfft(spectrum * spectrum.conj(), size)[: most + 1]
    lags = alike[1:] / alike[0]
    ends = np.flatnonzero(lags <= 0)
    return float(n / (1 + 2 * lags[: ends[0] if len(ends) else most].sum()))
