"""Flow statistics in the layout of N-BaIoT: 23 figures of what flows, each over five memories, 115 columns in all.

After Mirsky et al. 2018, "Kitsune", section IV: a damped window keeps the number, the sum and the sum of squares of
what it has seen, and halves them λ times in a unit of time, here a reading. Order and names of the columns follow
Meidan et al. 2018, "N-BaIoT".
"""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.training.simulate._traffic import Traffic

LAMBDAS = (5.0, 3.0, 1.0, 0.1, 0.01)
"""Halvings a reading."""

_ONE = ("weight", "mean", "variance")
_TWO = ("weight", "mean", "std", "magnitude", "radius", "covariance", "pcc")
FAMILIES = {"MI_dir": _ONE, "H": _ONE, "HH": _TWO, "HH_jit": _ONE, "HpHp": _TWO}
"""What is looked at: all that the device sends; that and its answers; the channel to its server, both ways; the gaps
between packets; the busiest socket, both ways."""

_SPREAD = 0.25
"""Deviation of packet sizes within a reading, as a share of their mean."""
_MAIN = 0.7
"""Share of a channel's packets in its busiest socket."""


def names() -> tuple[str, ...]:
    """Return the columns' names.

    >>> names()[0], names()[-1], len(names())
    ('MI_dir_L5_weight', 'HpHp_L0.01_pcc', 115)
    """
    return tuple(
        f"{family}_L{rate:g}_{of}" for family, figures in FAMILIES.items() for rate in LAMBDAS for of in figures
    )


def flow_statistics(traffic: Traffic, rng: np.random.Generator) -> Float32Array:
    """Return the statistics, ndarray of shape (readings, devices, 115), float32, in the order of :func:`names`.

    Parameters
    ----------
    traffic
        What happens in each reading.
    rng
        Decides how much of a channel's traffic the busiest socket takes from reading to reading.
    """
    sent, got = traffic.sent, traffic.got
    both = sent + got
    whole = (sent * traffic.size_sent + got * traffic.size_got) / both
    main = np.clip(_MAIN + 0.08 * rng.standard_normal(sent.shape), 0.1, 1)
    parts = (
        _one(sent, traffic.size_sent),
        _one(both, whole),
        _two(sent, traffic.size_sent, got, traffic.size_got),
        _one(sent, traffic.gap),
        _two(main * sent, traffic.size_sent, main * got, traffic.size_got),
    )
    readings, devices = sent.shape
    flat = [part.transpose(0, 3, 2, 1).reshape(readings, devices, -1) for part in parts]
    return np.concatenate(flat, axis=2, dtype=np.float32)


def damped(streams: FloatArray) -> FloatArray:
    """Return damped sums of streams of shape (readings, k, devices): (readings, k, memories, devices), float64.

    The window has always been full: it begins as if it had seen the streams' means for ever.
    """
    keep = 2.0 ** -np.asarray(LAMBDAS)[:, None]
    sums = np.repeat(streams[:, :, None], len(LAMBDAS), axis=2)
    sums[0] += keep / (1 - keep) * streams.mean(axis=0)[:, None]
    for k in range(1, len(sums)):
        sums[k] += keep * sums[k - 1]
    return sums


def _one(packets: FloatArray, size: FloatArray) -> FloatArray:
    """Return weight, mean and variance, shape (readings, 3, memories, devices)."""
    weight, mean, variance = _moments(packets, size)
    return np.stack([weight, mean, variance], axis=1)


def _two(sent: FloatArray, size_sent: FloatArray, got: FloatArray, size_got: FloatArray) -> FloatArray:
    """Return the seven figures of a channel that is used both ways, shape (readings, 7, memories, devices)."""
    weight, mean, variance = _moments(sent, size_sent)
    _, other, varied = _moments(got, size_got)
    off = (size_sent[:, None] - mean) * (size_got[:, None] - other) * sent[:, None]
    covariance = _own(off) / weight
    deviations = np.sqrt(variance * varied)
    return np.stack(
        [
            weight,
            mean,
            np.sqrt(variance),
            np.hypot(mean, other),
            np.sqrt(variance**2 + varied**2),
            covariance,
            covariance / np.maximum(deviations, 1e-9),
        ],
        axis=1,
    )


def _moments(packets: FloatArray, size: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    squares = packets * size**2 * (1 + _SPREAD**2)
    sums = damped(np.stack([packets, packets * size, squares], axis=1))
    weight, mean = sums[:, 0], sums[:, 1] / sums[:, 0]
    return weight, mean, np.maximum(sums[:, 2] / weight - mean**2, 0)


def _own(streams: FloatArray) -> FloatArray:
    """Return damped sums where each memory has a stream of its own, both of shape (readings, memories, devices)."""
    keep = 2.0 ** -np.asarray(LAMBDAS)[:, None]
    sums = streams.copy()
    for k in range(1, len(sums)):
        sums[k] += keep * sums[k - 1]
    return sums
