"""State by the page: some hundred devices to a part, so that only what changed is written."""

from __future__ import annotations

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray

PAGE = 256
"""Devices on a page."""


class Pages:
    """Which pages were touched since they were last written.

    Examples
    --------
    >>> pages = Pages()
    >>> pages.touch(np.array([3, 700])); pages.touched()
    [0, 2]
    """

    def __init__(self) -> None:
        self._touched: BoolArray = np.zeros(1, np.bool_)

    def touch(self, devices: IntArray) -> None:
        """Mark the pages of some devices."""
        where = devices // PAGE
        most = int(where.max(initial=0))
        if most >= len(self._touched):
            self._touched = np.concatenate([self._touched, np.zeros(most, np.bool_)])
        self._touched[where] = True

    def touched(self) -> list[int]:
        """Return the numbers of the pages that were touched."""
        return np.flatnonzero(self._touched).tolist()

    def clear(self) -> None:
        """Take all pages as written."""
        self._touched[:] = False


def devices_on(page: int, *, most: int) -> slice:
    """Return the places of the devices on a page, of which there are ``most`` on all."""
    return slice(page * PAGE, min((page + 1) * PAGE, most))
