"""Splitting a fleet among workers: every worker, on every machine, must come to the same answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

_MOST = 1 << 20


def stable_hash(name: str) -> int:
    """Return a number that stands for a name, the same in every process and on every machine.

    The first 8 bytes of BLAKE2b (RFC 7693), unlike Python's ``hash``, which differs from process to process.

    >>> stable_hash("pump-1") % 3, stable_hash("pump-2") % 3, stable_hash("pump-7") % 3
    (2, 2, 1)
    """
    return int.from_bytes(hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest(), "big")


@dataclass(frozen=True)
class Share:
    """One worker's share of a fleet: the devices whose hash, divided by the number of workers, leaves its number.

    Parameters
    ----------
    worker
        From 0.
    workers
        How many there are.

    Examples
    --------
    >>> Share(2, 3).holds("pump-1"), Share(1, 3).holds("pump-1"), Share().holds("pump-1")
    (True, False, True)
    >>> str(Share(0, 3))
    '0/3'
    """

    worker: int = 0
    workers: int = 1
    _known: dict[str, bool] = field(default_factory=dict, repr=False, compare=False)

    def holds(self, device: str) -> bool:
        """Tell whether a device is in this share."""
        if self.workers == 1:
            return True
        if (known := self._known.get(device)) is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[device] = stable_hash(device) % self.workers == self.worker
        return known

    def __str__(self) -> str:
        return f"{self.worker}/{self.workers}"
