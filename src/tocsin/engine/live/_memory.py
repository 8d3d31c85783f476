"""All that a pipeline remembers of its devices: one state for each step, devices on axis 0, with room to spare."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from tocsin.alerting import Watch
from tocsin.artifact.artifact import Artifact
from tocsin.core.arrays import IntArray
from tocsin.core.state import extend, from_arrays, neighbours, to_arrays
from tocsin.engine.ring import Recent, Ring

Where = IntArray | slice
"""Which devices."""


@dataclass(eq=False)
class Memory:
    """The states of the steps, in the order in which a reading meets them. Written in place.

    Examples
    --------
    ::

        memory = Memory.blank(artifact, 3)
        memory.write(np.array([2]), other.arrays(np.array([0])))  # what another remembers of its first device
    """

    clock: Any
    counters: Any
    impute: Any
    ring: Recent
    limits: Any
    policy: Watch

    @classmethod
    def blank(cls, artifact: Artifact, devices: int, *, names: Sequence[str] = ()) -> Memory:
        """Return the memory of devices of which nothing is known but their names, where any are given."""
        policy = artifact.policy.init(devices)
        return cls(
            artifact.clock.init(devices),
            artifact.counters.init(devices),
            artifact.impute.init(devices),
            Ring(artifact.window, len(artifact.schema)).init(devices),
            artifact.calibration.limits.init(devices),
            artifact.policy.enrol(policy, names) if names else policy,
        )

    def __len__(self) -> int:
        return len(self.ring.filled)

    def grow(self, more: Memory) -> None:
        """Take the devices of ``more`` in, behind one's own."""
        for name in PARTS:
            setattr(self, name, extend(getattr(self, name), getattr(more, name)))

    def arrays(self, where: Where) -> dict[str, npt.NDArray[Any]]:
        """Return what is remembered of some devices, by name; of a slice nothing is copied."""
        states = ((name, to_arrays(getattr(self, name))) for name in PARTS)
        return {f"{part}.{name}": array[where] for part, state in states for name, array in state.items()}

    def write(self, where: Where, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Remember of some devices what :meth:`arrays` returned."""
        for name, array in self.arrays(slice(None)).items():
            array[where] = arrays[name]

    def keep(self, part: str, devices: IntArray, state: Any) -> None:
        """Write one step's state of some devices back, in place: copying the fleet's at each push would cost most."""
        whole, parts, where = to_arrays(getattr(self, part)), to_arrays(state), neighbours(devices)
        for name, array in whole.items():
            array[where] = parts[name]

    def restored(self, arrays: Mapping[str, npt.NDArray[Any]]) -> Memory:
        """Return a memory of the same kind that holds ``arrays`` alone, of however many devices."""
        found = {}
        for part in PARTS:
            own = {name.removeprefix(f"{part}."): np.array(array) for name, array in arrays.items()}
            found[part] = from_arrays(getattr(self, part), own)
        return Memory(**found)


PARTS = tuple(field.name for field in fields(Memory))
"""Names of the states."""


def fingerprint(artifact: Artifact) -> str:
    """Return what tells the memory of this artifact's devices from that of others: 64 hexadecimal digits."""
    own = artifact
    parts = (own.schema, own.window, own.clock, own.impute, own.kinds, own.calibration.limits, own.policy)
    return hashlib.sha256(own.graph + repr(parts).encode()).hexdigest()
