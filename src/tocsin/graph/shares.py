"""Scores that are sums over channels, with each channel's share.

Sums are products with a constant: ReduceSum and ReduceMean change in the last place when the batch does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.graph.network import Network


class Shared(NamedTuple):
    """Names of a score and of what it is made of."""

    score: str
    """Shape (n,)."""
    by_channel: str
    """Shape (n, channels), summing to the score."""


class Judgement(NamedTuple):
    """Names of a score, of what it is made of, and of what was expected instead."""

    score: str
    """Shape (n,)."""
    by_channel: str
    """Shape (n, channels), summing to the score."""
    expected: str
    """Shape (n, channels): what was expected of the window's last reading."""


def mean_squared_error(network: Network, actual: str, expected: str, *, steps: int) -> Shared:
    """Add the mean over steps and channels of the squared error, and each channel's part of it.

    Parameters
    ----------
    network
        The graph under construction.
    actual, expected
        Names of two tensors of shape (n, steps, channels); for one step (n, channels) will do.
    steps
        How many steps the mean is taken over.
    """
    error = network.op("Sub", actual, expected)
    return mean_of_parts(network, network.op("Mul", error, error), steps=steps)


def mean_of_parts(network: Network, parts: str, *, steps: int) -> Shared:
    """Add the mean of ``parts`` over steps and channels, and each channel's part of it.

    Parameters
    ----------
    network
        The graph under construction.
    parts
        Name of a tensor of shape (n, steps, channels); for one step (n, channels) will do.
    steps
        How many steps the mean is taken over.
    """
    channels = network.channels
    flat = network.op("Reshape", parts, network.integers([-1, steps * channels]))
    average = np.tile(np.eye(channels), (steps, 1)) / (steps * channels)
    by_channel = network.op("MatMul", flat, network.constant(average))
    return Shared(total(network, by_channel), by_channel)


def total(network: Network, by_channel: str) -> str:
    """Add the sum over the last axis of a tensor of shape (n, channels); return its name, shape (n,)."""
    column = network.op("MatMul", by_channel, network.constant(np.ones((network.channels, 1))))
    return network.op("Reshape", column, network.integers([-1]))
