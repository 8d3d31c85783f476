"""Blending members: what each says becomes how rare that is among normal windows, and rarities are averaged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.detectors._folds import Member, Said
from tocsin.detectors._greatest import parted
from tocsin.detectors._tail import rarity
from tocsin.graph.curve import Curve, rising, rising_each
from tocsin.graph.graft import Grafted, graft
from tocsin.graph.network import Network

RAREST = 10.0
"""Nothing is called rarer than one in 10^10: beyond that a tail is a guess, and one member would silence the others."""

FORETELLS = "ridge"
"""The member whose expectation counts before others'."""

_LEAST = 1e-6
"""The least share of a channel before shares are brought to a sum: a score without a cause is shared by all."""


@dataclass(frozen=True, eq=False)
class Rarities:
    """How rare what a member says is, as curves to −log10 of the share of normal windows of which it says more.

    Parameters
    ----------
    score
        Of its score.
    by_channel
        Of each channel's share of it; empty where it tells none.
    most
        ndarray of shape (channels,): what a channel's rarity can be at most.
    strongest
        Of the rarity of its strangest channel; None where it tells no shares.
    """

    score: Curve
    by_channel: tuple[Curve, ...]
    most: FloatArray
    strongest: Curve | None

    def __call__(self, said: Said) -> FloatArray:
        """Return ndarray of shape (n,): the mean of how rare the score and the strangest channel are."""
        whole = np.minimum(self.score(said.score), RAREST)
        if self.strongest is None or said.by_channel is None:
            return whole
        greatest = self.channels(said.by_channel).max(axis=1)
        return np.asarray((whole + np.minimum(self.strongest(greatest), RAREST)) / 2)

    def channels(self, by_channel: FloatArray) -> FloatArray:
        """Return ndarray of shape (n, channels): how rare each channel's share is."""
        rare = [curve(by_channel[:, k]) for k, curve in enumerate(self.by_channel)]
        return np.minimum(np.stack(rare, axis=1), self.most)


def rarities_of(held_out: Said, *, few_states: BoolArray, window: int) -> Rarities:
    """Return the curves that what was said of held-out normal windows yields.

    Parameters
    ----------
    held_out
        At least two windows.
    few_states
        ndarray of shape (channels,), bool: channels with two states at most, of whose errors no tail can be known. A
        state that was never seen is rarer than one in so many windows as there are without overlap, and no more.
    window
        Readings in a window.
    """
    whole, shares = rarity(held_out.score), held_out.by_channel
    if shares is None:
        return Rarities(whole, (), np.zeros(0), None)
    apart = max(len(shares) / window, 10.0)
    most = np.where(few_states, np.log10(apart), RAREST)
    curves = tuple(rarity(shares[:, k]) for k in range(shares.shape[1]))
    alone = Rarities(whole, curves, most, None)
    return Rarities(whole, curves, most, rarity(alone.channels(shares).max(axis=1)))


class Blended(NamedTuple):
    """Names of what members say together; None where none of them tells."""

    score: str
    """Shape (n,)."""
    by_channel: str | None
    """Shape (n, channels), summing to the score."""
    expected: str | None
    """Shape (n, channels): what one of them expected of the last reading."""


def blended(
    network: Network, window: str, members: Sequence[Member], *, rarities: Sequence[Rarities], weights: FloatArray
) -> Blended:
    """Add all members and how rare the weighted mean of their rarities is, by what they said of held-out windows.

    A channel's share goes by the squares of its rarities. What is expected is what ridge regression foretells if it is
    a member, which no reading can lead astray that it has not seen; else what the first member expects that does.

    Parameters
    ----------
    network
        The graph under construction.
    window
        Name of a tensor of shape (n, readings, channels), whose last readings the members take.
    members, rarities
        Who is asked, and how rare what they say is.
    weights
        ndarray of shape (members,), summing to 1.
    """
    scores, shares, expected = [], [], dict[str, str]()
    for member, rare, weight in zip(members, rarities, weights, strict=True):
        bounds = (network.integers([k]) for k in (-member.window, 2**31 - 1, 1))  # the axis comes third
        last = network.op("Slice", window, *bounds)
        found = graft(network, member.graph, last)
        score, by_channel = _one(network, found, rare)
        scores.append(network.op("Mul", score, network.constant(weight)))
        if by_channel:
            squared = network.op("Mul", by_channel, by_channel)
            shares.append(network.op("Mul", squared, network.constant(weight)))
        if found.expected:
            expected[member.name] = found.expected
    held_out = [weight * rare(member.held_out) for member, rare, weight in zip(members, rarities, weights, strict=True)]
    whole = rising(network, _sum(network, scores), rarity(np.sum(held_out, axis=0)))
    score = network.op("Reshape", whole, network.integers([-1]))
    return Blended(score, _shared(network, score, shares), expected.get(FORETELLS, next(iter(expected.values()), None)))


def _one(network: Network, found: Grafted, rare: Rarities) -> tuple[str, str | None]:
    """Add how rare a member's score is, shape (n, 1), and each channel's part, shape (n, channels)."""
    whole = _capped(network, rising(network, _column(network, found.score), rare.score))
    if rare.strongest is None or found.by_channel is None:
        return whole, None
    each = network.op("Min", rising_each(network, found.by_channel, rare.by_channel), network.constant(rare.most))
    greatest = network.op("ReduceMax", each, network.integers([1]), attributes={"keepdims": 1})
    strongest = _capped(network, rising(network, greatest, rare.strongest))
    return network.op("Mul", network.op("Add", whole, strongest), network.constant(0.5)), each


def _shared(network: Network, score: str, shares: list[str]) -> str | None:
    if not shares:
        return None
    parts = network.op("Add", _sum(network, shares), network.constant(_LEAST))
    return parted(network, parts, _column(network, score))


def _sum(network: Network, names: list[str]) -> str:
    whole = names[0]
    for name in names[1:]:
        whole = network.op("Add", whole, name)
    return whole


def _column(network: Network, values: str) -> str:
    return network.op("Reshape", values, network.integers([-1, 1]))


def _capped(network: Network, values: str) -> str:
    return network.op("Min", values, network.constant(RAREST))
