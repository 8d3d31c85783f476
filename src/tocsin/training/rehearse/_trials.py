"""What a rehearsal tries: which stretches of normal readings, and which fault in each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import FloatArray, IntArray
from tocsin.core.errors import InputError
from tocsin.training.rehearse._stretches import Ground
from tocsin.training.simulate import KINDS, Fault, inject

_REACHED = 0.5
"""A fault that reaches less of its size than this cannot happen there: nothing drops out of a light that is off."""
_NOTHING = 0.05
"""The same for a fault without a size, in deviations: a value that stood still anyway cannot be stuck."""


@dataclass(frozen=True, eq=False)
class Case:
    """One stretch with or without a fault.

    Parameters
    ----------
    stretch
        Which one.
    fault
        In rows of the stretch; None for the stretch as it is.
    size
        As it was asked for, in deviations; None for a fault that has none.
    values
        ndarray of shape (length, channels), float64.
    """

    stretch: int
    fault: Fault | None
    size: float | None
    values: FloatArray


@dataclass(frozen=True, eq=False)
class Plan:
    """Where faults are put: ``warm`` readings into stretches of ``length``.

    Parameters
    ----------
    ground
        The readings.
    unit
        ndarray of shape (channels,), float64: the unit of sizes.
    warm, length
        Readings before a fault, and in a stretch.
    possible
        ndarray of int64: rows at which a stretch can begin.
    starts, others
        ndarrays of shape (trials,), int64: rows at which stretches begin, and those of another time from which their
        contextual faults take values.
    channels
        ndarray of shape (trials,), int64: the channel whose turn it is.
    """

    ground: Ground
    unit: FloatArray
    warm: int
    length: int
    possible: IntArray
    starts: IntArray
    others: IntArray
    channels: IntArray

    @staticmethod
    def of(ground: Ground, artifact: Artifact, *, trials: int, seed: int) -> Plan:
        """Choose stretches and channels by chance.

        Raises
        ------
        InputError
            If there are too few normal readings, or none of the channels varies.
        """
        raise_after = artifact.policy.raise_after
        warm = artifact.window - 1 + 2 * raise_after
        # room for the longest of all kinds, so that what is told of one does not depend on which others are asked for
        length = warm + max(kind.lengths[1] for kind in KINDS.values()) + 2 * raise_after
        possible = ground.starts(length)
        if len(possible) < trials:
            raise InputError(
                f"There are too few normal readings: a rehearsal needs {trials} stretches of {length} normal readings "
                f"without a longer pause, and finds {len(possible)}.",
                remedy="Give more readings, or fewer --trials.",
            )
        unit = ground.deviation()
        if not unit.any():
            raise InputError(
                "None of the channels varies, so no fault has a size.", remedy="Give readings of normal operation."
            )
        rng = np.random.default_rng(seed)
        starts = np.sort(rng.choice(possible, trials, replace=False))
        others = _elsewhere(ground, possible, starts)
        rounds = -(-trials // int(np.count_nonzero(unit)))
        channels = np.concatenate([rng.permutation(np.flatnonzero(unit)) for _ in range(rounds)])[:trials]
        return Plan(ground, unit, warm, length, possible, starts, others, channels)

    def apart(self) -> int:
        """Return how many stretches there are at most that do not overlap."""
        count, free = 0, 0
        for start in self.possible.tolist():
            if start >= free:
                count, free = count + 1, start + self.length
        return count

    def calm(self) -> Iterator[Case]:
        """Yield the stretches as they are."""
        for stretch, start in enumerate(self.starts):
            yield Case(stretch, None, None, self.ground.held[start : start + self.length])

    def cases(self, kinds: Sequence[str], sizes: Sequence[float], seed: int) -> Iterator[Case]:
        """Yield stretches with a fault in each, where it can happen there."""
        for kind in kinds:
            rng = np.random.default_rng([seed, list(KINDS).index(kind)])
            for stretch in range(len(self.starts)):
                fault = self._fault(kind, stretch, rng)
                for size in sizes if KINDS[kind].sized else (None,):
                    now = fault if size is None else replace(fault, size=fault.size * size)
                    values = self._faulty(stretch, now)
                    if values is not None:
                        yield Case(stretch, now, size, values)

    def _fault(self, kind: str, stretch: int, rng: np.random.Generator) -> Fault:
        """Return a fault of size 1 or -1, in rows of the stretch."""
        rule = KINDS[kind]
        length = int(rng.integers(*rule.lengths, endpoint=True))
        way = float(rng.choice((-1.0, 1.0))) if rule.both_ways else 1.0
        count = int(rng.integers(*rule.channels, endpoint=True))
        own = int(self.channels[stretch])
        rest = [int(k) for k in rng.permutation(np.flatnonzero(self.unit)) if k != own][: count - 1]
        touched = tuple(sorted([own, *rest]))
        return Fault(kind, self.warm, length, touched, way, lag=self.length, seed=int(rng.integers(2**31)))

    def _faulty(self, stretch: int, fault: Fault) -> FloatArray | None:
        """Return a stretch's values with the fault in it; None where it cannot happen there."""
        start, other = self.starts[stretch], self.others[stretch]
        calm = self.ground.held[start : start + self.length]
        both = np.concatenate([self.ground.held[other : other + self.length], calm])
        moved = replace(fault, start=fault.start + self.length)
        values = inject(both, [moved], deviation=self.unit)[self.length :]
        touched = list(fault.channels)
        reached = float(np.max(np.abs(values - calm)[:, touched] / self.unit[touched]))
        needed = _REACHED * abs(fault.size) if KINDS[fault.kind].sized else _NOTHING
        return values if reached >= needed else None


def _elsewhere(ground: Ground, possible: IntArray, starts: IntArray) -> IntArray:
    """Return for each stretch one of the same device, half a rhythm earlier or later, or as near to that as can be."""
    lag = ground.half_rhythm()
    found = []
    for start in starts:
        own = possible[ground.device[possible] == ground.device[start]]
        away = np.minimum(np.abs(own - (start - lag)), np.abs(own - (start + lag)))
        found.append(own[np.argmin(away)])
    return np.array(found)
