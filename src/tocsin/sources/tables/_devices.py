"""Finding the column that names the device, and numbering the devices."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.sources.tables._names import DEVICES, plain
from tocsin.sources.tables._overrides import Overrides

if TYPE_CHECKING:
    from tocsin.sources.tables._profile import Profile

NO_DEVICE = "-"
"""The name of the only device where no column names one, and of rows that name none."""


def find_device(profiles: Mapping[str, Profile], overrides: Overrides, taken: Collection[str]) -> str | None:
    """Return the column that names the device: named so, and with at least two rows to a device on average."""
    if overrides.device is not None:
        return overrides.device or None
    named = [name for name in profiles if plain(name) in DEVICES and name not in taken]
    return next((name for name in named if _repeats(profiles[name])), None)


def _repeats(profile: Profile) -> bool:
    if profile.kind in {"empty", "time", "other"}:
        return False
    if profile.kind == "number" and (profile.values() % 1 > 0).any():
        return False
    return 2 * profile.spelled().n_unique() <= len(profile.column)


def number_devices(profile: Profile | None, rows: int) -> tuple[IntArray, tuple[str, ...]]:
    """Return each row's device index, shape (rows,), int64, and the names in order of their first appearance."""
    if profile is None:
        return np.zeros(rows, np.int64), (NO_DEVICE,)
    import polars as pl

    words = profile.spelled().fill_null(NO_DEVICE)
    names = words.unique(maintain_order=True)
    codes = words.cast(pl.Enum(names)).to_physical()
    return codes.cast(pl.Int64).to_numpy(), tuple(names.to_list())


def count_rows(device: IntArray, devices: int) -> IntArray:
    """Return ndarray of shape (rows,), int64: the row's number within its device, from 0."""
    if devices == 1:
        return np.arange(len(device))
    order = np.argsort(device, kind="stable")
    sizes = np.bincount(device, minlength=devices)
    starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
    count = np.empty(len(device), np.int64)
    count[order] = np.arange(len(device)) - starts
    return count
