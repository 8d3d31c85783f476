"""A duty's memory as parts for the store: by the page, and only what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.core.notices import Notice
from tocsin.engine.live._forwarding import Forwarding
from tocsin.engine.live._grouping import Grouping
from tocsin.engine.live._pack import Packed, pack, unpack
from tocsin.engine.live._pages import PAGE, Pages, devices_on
from tocsin.engine.live._parting import ended
from tocsin.engine.live._slots import Slots
from tocsin.engine.live._waiting import Waiting
from tocsin.engine.live.duty import Duty
from tocsin.engine.pipeline import Pipeline

_HEAD, _WAITING, _PAGE, _CONTEXT = "head", "waiting", "page/", "context-"


class Shelf:
    """Where what is remembered becomes bytes, and comes back.

    Parameters
    ----------
    duty
        Whose memory it is.
    pipeline, slots, grouping, waiting, forwarding
        What remembers; ``waiting`` is None where nothing waits, ``forwarding`` where nothing is forwarded.
    """

    def __init__(
        self,
        duty: Duty,
        pipeline: Pipeline,
        slots: Sequence[Slots],
        *,
        grouping: Grouping,
        waiting: Waiting | None,
        forwarding: Forwarding | None = None,
    ) -> None:
        self._duty, self._pipeline, self._slots = duty, pipeline, slots
        self._grouping, self._waiting, self._forwarding = grouping, waiting, forwarding
        self._pages, self._head, self._held = Pages(), False, False
        self._gone = set[str]()

    def touch(self, devices: IntArray) -> None:
        """Take note that what is remembered of some devices has changed."""
        self._pages.touch(devices)

    def touch_all(self) -> None:
        """Take note that what is remembered of any device may have changed."""
        self._pages.touch(np.arange(self._pipeline.places))

    def touch_groups(self) -> None:
        """Take note that a group may have begun."""
        self._head = True

    def touch_waiting(self) -> None:
        """Take note that other readings wait than before."""
        self._held = True

    def changed(self) -> dict[str, bytes | None]:
        """Return the parts that changed, None for one that is gone."""
        touched = list(self._pages.touched())
        found: dict[str, bytes | None] = {f"{_PAGE}{k}": self._packed(k) for k in touched} | dict.fromkeys(self._gone)
        if self._forwarding is not None:
            found |= {f"{_CONTEXT}{k}": self._remembered(k, self._forwarding) for k in touched}
        if self._head:
            found[_HEAD] = pack(Packed(self._pipeline.owner, (), self._grouping.arrays()))
        if self._waiting is not None and self._held:
            names = self._duty.artifact.schema.names
            found[_WAITING] = pack(Packed(self._pipeline.owner, names, self._waiting.arrays()))
        return found

    def saved(self) -> None:
        """Take all parts as written."""
        self._pages.clear()
        self._gone.clear()
        self._head = self._held = False

    def unpacked(self, parts: Mapping[str, bytes]) -> dict[str, Packed]:
        """Return what is in parts.

        Raises
        ------
        ArtifactError
            If one is damaged.
        """
        return {name: unpack(block, f"{self._duty.name}/{name}") for name, block in parts.items()}

    def seats(self, read: Mapping[str, Packed]) -> dict[str, int]:
        """Return the places that devices had, by name."""
        pages = ((_number(name), read[name].names) for name in sorted(read, key=_number) if name.startswith(_PAGE))
        return {name: number * PAGE + k for number, names in pages for k, name in enumerate(names) if name}

    def restore(self, read: Mapping[str, Packed]) -> list[Notice]:
        """Remember what was read, of devices that have their places; return what is to be told of it.

        Of another artifact's memory only what is not about the readings' values is kept, and what was open is over.
        """
        told: list[Notice] = []
        for name in sorted(read, key=_number):
            own = read[name].owner == self._pipeline.owner
            if name.startswith(_PAGE):
                self._fill(_number(name), read[name], own=own)
                told += [] if own else ended(read[name], self._duty)
            elif name.startswith(_CONTEXT):
                self._recall(name, read[name])
            elif name == _HEAD:
                self._grouping.write(read[name].arrays["growing"])
            elif self._waiting is not None and read[name].names == self._duty.artifact.schema.names:
                self._waiting.write(read[name].arrays)
        gone = self._gone.copy()
        self.saved()
        # parts that would stay another artifact's until they happen to change are written anew
        others = {name for name, part in read.items() if part.owner != self._pipeline.owner}
        self._gone, self._head, self._held = gone, _HEAD in others, _WAITING in others
        return told

    def strange(self, read: Mapping[str, Packed]) -> bool:
        """Tell whether some of what was read is another artifact's memory."""
        return any(part.owner != self._pipeline.owner for part in read.values())

    def _fill(self, number: int, page: Packed, *, own: bool) -> None:
        named = np.array([k for k, name in enumerate(page.names) if name], np.int64)
        where, held = number * PAGE + named, {name: array[named] for name, array in page.arrays.items()}
        for slots in self._slots:
            slots.write(where, held)
        if own:
            self._pipeline.memory.write(where, held)

    def _recall(self, name: str, packed: Packed) -> None:
        """Remember what was to be sent along, whatever artifact it was for; where nothing is forwarded, drop it."""
        if self._forwarding is None:
            self._gone.add(name)
        else:
            self._forwarding.write(self._on(int(name.removeprefix(_CONTEXT)))[0], packed)

    def _remembered(self, number: int, forwarding: Forwarding) -> bytes | None:
        where, names = self._on(number)
        return pack(forwarding.packed(where, owner=self._pipeline.owner, names=names)) if any(names) else None

    def _on(self, number: int) -> tuple[range, tuple[str, ...]]:
        """Return the places on a page, and who is there."""
        where = devices_on(number, most=self._pipeline.places)
        own = range(where.start, where.stop)
        return own, tuple(self._pipeline.name(device) for device in own)

    def _packed(self, number: int) -> bytes | None:
        own, names = self._on(number)
        if not any(names):
            return None
        where = slice(own.start, own.stop)
        arrays = self._pipeline.memory.arrays(where)
        for slots in self._slots:
            arrays |= slots.arrays(where)
        return pack(Packed(self._pipeline.owner, names, arrays))


def _number(name: str) -> int:
    """Return a page's number; -1 for a part that is no page."""
    return int(name.removeprefix(_PAGE)) if name.startswith(_PAGE) else -1
