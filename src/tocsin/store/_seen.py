"""What a store knows by heart: numbers of devices and slots in use, which need not be asked for with every batch."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import Connection, select

from tocsin.store._documents import plain
from tocsin.store._puts import put_seen
from tocsin.store._tables import devices, slots

_FRESH_S = 3_600.0
"""So often it is noted in the store that a device or a slot is still in use."""
_AT_ONCE = 500
"""Names in one question; databases bound how many."""


class Seen:
    """Numbers of devices and slots in use. What a transaction adds counts when it is safe: :meth:`learn`, or never.

    One thread at a time.
    """

    def __init__(self) -> None:
        self._until_s = 0.0
        self.forget()

    def forget(self) -> None:
        """Forget all, since something was deleted, or since it is time to note anew what is in use."""
        self._numbers: dict[tuple[str, str], int] = {}
        self._slots: set[int] = set()
        self.drop()

    def begin(self) -> None:
        """Begin a transaction."""
        if time.monotonic() > self._until_s:
            self._until_s = time.monotonic() + _FRESH_S
            self.forget()
        self.drop()

    def drop(self) -> None:
        """Forget what a transaction added that was not written."""
        self._new_numbers: dict[tuple[str, str], int] = {}
        self._new_slots: set[int] = set()

    def learn(self) -> None:
        """Take over what the transaction added: it is written."""
        self._numbers.update(self._new_numbers)
        self._slots |= self._new_slots
        self.drop()

    def numbers(self, connection: Connection, duty: str, names: Sequence[str]) -> list[int]:
        """Return the numbers of devices, and give numbers to new ones."""
        keys = [(duty, name) for name in names]
        if unknown := [key for key in keys if key not in self._numbers]:
            self._number(connection, plain(duty), unknown)
        return [self._numbers.get(key) or self._new_numbers[key] for key in keys]

    def note(self, connection: Connection, found: Sequence[int]) -> None:
        """Note that slots are written to."""
        if new := [slot for slot in found if slot not in self._slots]:
            put = put_seen(slots, connection.dialect.name, name=("slot",), seen="written_ns")
            now = time.time_ns()
            connection.execute(put, [{"slot": slot, "written_ns": now} for slot in new])
            self._new_slots.update(new)

    def _number(self, connection: Connection, duty: str, keys: Sequence[tuple[str, str]]) -> None:
        now = time.time_ns()
        clean = [plain(name) for _, name in keys]
        put = put_seen(devices, connection.dialect.name, name=("duty", "device"), seen="seen_ns")
        connection.execute(put, [{"duty": duty, "device": name, "seen_ns": now} for name in clean])
        found: dict[str, int] = {}
        for start in range(0, len(clean), _AT_ONCE):
            asked = select(devices.c.device, devices.c.number).where(devices.c.duty == duty)
            own = connection.execute(asked.where(devices.c.device.in_(clean[start : start + _AT_ONCE])))
            found.update({name: number for name, number in own})  # noqa: C416  # rows are no pairs to a type checker
        self._new_numbers.update({key: found[name] for key, name in zip(keys, clean, strict=True)})
