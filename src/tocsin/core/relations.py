"""Which channels follow which, and how to say that one does no longer."""

from __future__ import annotations

from collections.abc import Sequence

Relations = tuple[tuple[float, ...], ...]
"""For each channel a row of shares, one for each channel: how much it follows that one; empty where nobody knows."""

_NAMED = 2
"""So many followed channels are named, the strongest first."""

_WEAKEST = 0.1
"""A share below this is not worth naming."""


def followed(relations: Relations, names: Sequence[str], channel: int) -> list[tuple[str, float]]:
    """Return whom ``channel`` follows, with shares, strongest first.

    >>> followed(((0.0, 0.2, 0.8), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)), ("flow", "valve", "current"), 0)
    [('current', 0.8), ('valve', 0.2)]
    """
    if not relations:
        return []
    pairs = [(name, share) for name, share in zip(names, relations[channel], strict=True) if share >= _WEAKEST]
    return sorted(pairs, key=lambda pair: -pair[1])


def broken(relations: Relations, names: Sequence[str], shares: Sequence[float]) -> str:
    """Return in words that the channel with the greatest share no longer follows its neighbours; "" where it has none.

    Parameters
    ----------
    relations
        Who follows whom.
    names
        The channels' names, in order.
    shares
        One share of the cause per channel, in that order; none where unattributed.

    Examples
    --------
    >>> broken(((0.0, 0.2, 0.8), (0.0, 0.0, 0.0), (1.0, 0.0, 0.0)), ("flow", "valve", "current"), (0.7, 0.1, 0.2))
    'flow no longer follows current, valve'
    """
    if not len(shares):
        return ""
    first = max(range(len(names)), key=lambda k: shares[k])
    missed = followed(relations, names, first)[:_NAMED]
    return f"{names[first]} no longer follows {', '.join(name for name, _ in missed)}" if missed else ""
