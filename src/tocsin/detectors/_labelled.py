"""What detectors that learn from labels share: asking for labels, bounding the cost, and dealing with imbalance."""

from __future__ import annotations

from typing import Literal

import numpy as np

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._settings import enough
from tocsin.detectors._spaced import spaced

ClassWeight = Literal["balanced", "none"]


def labels_of(windows: Windows) -> BoolArray:
    """Return the labels, ndarray of shape (n,), bool, of which some are True and some False.

    Raises
    ------
    InputError
        If there are no labels, or all are alike: then there is nothing to tell apart.
    """
    enough(windows)
    if windows.labels is None:
        raise InputError(
            "This detector learns from labels, and the readings have none.",
            remedy="Name the label column with --label, or choose another detector.",
        )
    anomalies, n = int(np.count_nonzero(windows.labels)), len(windows)
    if anomalies in (0, n):
        raise InputError(
            f"This detector learns what tells anomalies from normal readings, but {'all' if anomalies else 'none'} of "
            f"the {n} windows to learn from are labelled anomalous.",
            remedy="Give readings whose earlier part holds both, or choose a detector that needs no labels.",
        )
    return windows.labels


def share_in_range(name: str, value: float) -> None:
    """Raise SettingError unless ``value`` is a share from 0 up to .95."""
    if not 0 <= value <= 0.95:
        raise SettingError(f"{name} is {value!r}.", remedy="It must be a share from 0 (off) to 0.95.")


def chosen(labels: BoolArray, *, most: int, oversample: float, seed: int) -> IntArray:
    """Return which windows to learn from, with repetitions where anomalies are oversampled.

    Parameters
    ----------
    labels
        ndarray of shape (n,), bool.
    most
        Different windows, at most. Anomalies may fill half of them, or more where normal ones are few; what is left
        out is evenly spaced over the whole time.
    oversample
        Share of anomalies that drawing them again, at random, shall bring about; 0, or less than there are, for none.
    seed
        Of the draws.

    Examples
    --------
    >>> chosen(np.arange(100) % 50 == 7, most=6, oversample=0, seed=0).tolist()
    [0, 7, 33, 57, 67, 99]
    >>> len(chosen(np.arange(100) % 50 == 7, most=100, oversample=0.5, seed=0))
    196
    """
    strange, normal = np.flatnonzero(labels), np.flatnonzero(~labels)
    strange = strange[spaced(len(strange), max(most // 2, most - len(normal)))]
    normal = normal[spaced(len(normal), most - len(strange))]
    wanted = round(oversample / (1 - oversample) * len(normal)) - len(strange)
    again = np.random.default_rng(seed).choice(strange, max(wanted, 0))
    return np.sort(np.concatenate([strange, normal, again]))
