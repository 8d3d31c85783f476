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
_BLOCK = 512
"""Readings that are worked out at a time."""
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
    families = (
        (sent, traffic.size_sent),
        (both, whole),
        (sent, traffic.size_sent, got, traffic.size_got),
        (sent, traffic.gap),
        (main * sent, traffic.size_sent, main * got, traffic.size_got),
    )
    out, first = np.empty((*sent.shape, len(names())), np.float32), 0
    for streams, figures in zip(families, FAMILIES.values(), strict=True):
        last = first + len(LAMBDAS) * len(figures)
        _fill(out[:, :, first:last], streams)
        first = last
    return out


def damped(streams: FloatArray, before: FloatArray) -> FloatArray:
    """Return damped sums of streams of shape (readings, k, devices): (readings, k, memories, devices), float64.

    ``before`` has shape (k, memories, devices): the sums before the first reading.
    """
    return _decayed(np.repeat(streams[:, :, None], len(LAMBDAS), axis=2), before)


def steady(streams: FloatArray) -> FloatArray:
    """Return damped sums, shape (k, memories, devices), as if the streams' means had been seen for ever."""
    return np.asarray(streams.mean(axis=0)[:, None] / (1 - _keep()))


def _keep() -> FloatArray:
    return np.asarray(2.0 ** -np.asarray(LAMBDAS)[:, None])


def _decayed(sums: FloatArray, before: FloatArray) -> FloatArray:
    """Add to each reading what is left of all earlier ones, in place."""
    keep = _keep()
    for now in sums:
        now += keep * before
        before = now
    return sums


def _fill(out: Float32Array, streams: tuple[FloatArray, ...]) -> None:
    """Write a family's figures; block by block, so that what is in between stays in the processor's cache."""
    memory = [steady(_parts(*streams[k : k + 2])) for k in range(0, len(streams), 2)]
    memory += [np.zeros(memory[0].shape[1:])]
    for start in range(0, len(out), _BLOCK):
        rows = slice(start, start + _BLOCK)
        figures = (_one if len(streams) == 2 else _two)([stream[rows] for stream in streams], memory)
        out[rows] = figures.transpose(0, 3, 2, 1).reshape(out[rows].shape)


def _one(streams: list[FloatArray], memory: list[FloatArray]) -> FloatArray:
    """Return weight, mean and variance, shape (readings, 3, memories, devices); ``memory`` goes along."""
    return np.stack(_moments(streams, memory, 0), axis=1)


def _two(streams: list[FloatArray], memory: list[FloatArray]) -> FloatArray:
    """Return the seven figures of a channel that is used both ways, shape (readings, 7, memories, devices)."""
    sent, size_sent, _, size_got = streams
    weight, mean, variance = _moments(streams[:2], memory, 0)
    _, other, varied = _moments(streams[2:], memory, 1)
    off = (size_sent[:, None] - mean) * (size_got[:, None] - other) * sent[:, None]
    together = _decayed(off, memory[2])
    memory[2] = together[-1].copy()
    covariance, deviations = together / weight, np.sqrt(variance * varied)
    return np.stack(
        [
            weight,
            mean,
            np.sqrt(variance),
            np.sqrt(mean**2 + other**2),
            np.sqrt(variance**2 + varied**2),
            covariance,
            covariance / np.maximum(deviations, 1e-9),
        ],
        axis=1,
    )


def _moments(
    streams: list[FloatArray], memory: list[FloatArray], place: int
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weight, mean and variance of sizes that so many packets have; ``memory[place]`` goes along."""
    sums = damped(_parts(*streams), memory[place])
    memory[place] = sums[-1].copy()
    weight, mean = sums[:, 0], sums[:, 1] / sums[:, 0]
    return weight, mean, np.maximum(sums[:, 2] / weight - mean**2, 0)


def _parts(packets: FloatArray, size: FloatArray) -> FloatArray:
    """Return what is summed, shape (readings, 3, devices): packets, bytes, and squares of packet sizes."""
    return np.stack([packets, packets * size, packets * size**2 * (1 + _SPREAD**2)], axis=1)
