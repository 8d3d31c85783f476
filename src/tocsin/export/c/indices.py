"""Places in memory as C expressions, and nests of loops with no more levels than they need."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from tocsin.export.c.program import Shape


def steps_of(shape: Sequence[int]) -> list[int]:
    """Return how far apart neighbours along each axis lie; 0 along axes of length 1, where there are none.

    >>> steps_of((2, 1, 3))
    [3, 0, 1]
    """
    return [prod(shape[axis + 1 :]) if length != 1 else 0 for axis, length in enumerate(shape)]


def broadcast(shape: Shape, onto: Shape) -> list[int]:
    """Return the steps of something of ``shape`` along the axes of ``onto`` that are longer than 1.

    >>> broadcast((3,), (1, 2, 3))
    [0, 1]
    """
    steps = [0] * (len(onto) - len(shape)) + steps_of(shape)
    return [step for step, length in zip(steps, onto, strict=True) if length != 1]


def sum_of(places: Sequence[str], steps: Sequence[int], *, start: int = 0) -> str:
    """Return ``start`` and the sum of the places, each times its step, as C.

    >>> sum_of(["i", "0", "k"], [6, 2, 1]), sum_of(["0"], [4]), sum_of(["i"], [2], start=3)
    ('i * 6 + k', '0', '3 + i * 2')
    """
    told = [str(start)] if start else []
    for place, step in zip(places, steps, strict=True):
        if step and place != "0":
            told.append(place if step == 1 else f"{place} * {step}")
    return " + ".join(told) or "0"


def moved(base: str, by: str) -> str:
    """Return a pointer that lies further on, as C.

    >>> moved("table_1", "0"), moved("table_1", "i * 6")
    ('table_1', '(table_1 + i * 6)')
    """
    return base if by == "0" else f"({base} + {by})"


def merged(lengths: Sequence[int], steps: Mapping[str, list[int]]) -> tuple[list[int], dict[str, list[int]]]:
    """Return the axes with those put together along which everything goes on evenly.

    Parameters
    ----------
    lengths
        Of the axes, each above 1.
    steps
        For each thing how far apart neighbours along each axis lie.

    Examples
    --------
    >>> merged([2, 3], {"all": [3, 1], "each": [3, 1]})
    ([6], {'all': [1], 'each': [1]})
    >>> merged([2, 3], {"all": [3, 1], "row": [0, 1]})
    ([2, 3], {'all': [3, 1], 'row': [0, 1]})
    """
    kept: list[int] = []
    found: dict[str, list[int]] = {name: [] for name in steps}
    for axis in range(len(lengths) - 1, -1, -1):
        even = bool(kept) and all(steps[name][axis] == found[name][0] * kept[0] for name in steps)
        if even:
            kept[0] *= lengths[axis]
            continue
        kept.insert(0, lengths[axis])
        for name in steps:
            found[name].insert(0, steps[name][axis])
    return kept, found


def nested(lengths: Sequence[int], places: Sequence[str], body: Sequence[str]) -> list[str]:
    """Return ``body`` inside a loop for each of ``places``; in braces of its own where there is none."""
    if not lengths:
        return ["{", *indented(body), "}"]
    for length, place in zip(reversed(lengths), reversed(places), strict=True):
        body = [f"for (int {place} = 0; {place} < {length}; ++{place}) {{", *indented(body), "}"]
    return list(body)


def indented(lines: Sequence[str]) -> list[str]:
    """Return lines of C one level further in."""
    return [f"    {line}" if line else line for line in lines]
