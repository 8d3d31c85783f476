"""The settings of a narrower detector: by how much each layer shrinks when a share of the units is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.detectors.learning.common import Reconstruction


def _less(units: tuple[int, ...], share: float) -> tuple[int, ...]:
    return tuple(max(1, round(share * each)) for each in units)


def _slim_dense(detector: Any, share: float) -> Reconstruction:
    # the code is what the network can hold of a window: with less of it, it would redraw other things
    *wide, code = detector.hidden
    slim: Reconstruction = replace(detector, hidden=(*_less(tuple(wide), share), code))
    return slim


def _slim_filters(detector: Any, share: float) -> Reconstruction:
    slim: Reconstruction = replace(detector, filters=_less(detector.filters, share))
    return slim


def _slim_recurrent(detector: Any, share: float) -> Reconstruction:
    slim: Reconstruction = replace(detector, hidden=_less(detector.hidden, share))
    return slim


SLIMMED: Mapping[str, Callable[[Any, float], Reconstruction]] = {
    "autoencoder": _slim_dense,
    "cnn_autoencoder": _slim_filters,
    "lstm_autoencoder": _slim_recurrent,
}
"""By detector: its settings with a share of the units."""
