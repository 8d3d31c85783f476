"""How many labelled events were caught, by what went wrong and how much: a long event counts once, like a short one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import BoolArray, FloatArray, IntArray
from tocsin.evaluation.metrics.points import flagged_runs

SIZE_EDGES = (1.0, 2.0, 4.0)
"""Where one band of sizes ends and the next begins, in standard deviations of the channel."""


@dataclass(frozen=True)
class EventRecall:
    """How many events of one kind and size were caught.

    Parameters
    ----------
    kind
        What went wrong, such as "spike"; "" where the labels do not say.
    band
        The sizes meant, such as "1–2 σ"; "" where they are not known.
    events
        Events with at least one scored reading.
    caught
        Those of them with at least one flagged reading.
    left_out
        Events without any scored reading; not among ``events``.
    """

    kind: str
    band: str
    events: int
    caught: int
    left_out: int = 0

    @property
    def recall(self) -> float | None:
        """Share of the events that were caught; None where there are none."""
        return self.caught / self.events if self.events else None


def event_recall(
    labels: BoolArray,
    anomaly: BoolArray,
    *,
    scored: BoolArray,
    kind: Sequence[str] | npt.NDArray[np.str_],
    size: FloatArray | None = None,
    device: IntArray | None = None,
    edges: tuple[float, ...] = SIZE_EDGES,
) -> tuple[EventRecall, ...]:
    """Count caught events by kind and band of sizes, in order of kind and size.

    An event is a maximal run of labelled readings of one device with the same kind and size. It is caught if any scored
    reading of it is flagged.

    Parameters
    ----------
    labels, anomaly, scored
        ndarrays of shape (n,), bool: labelled anomalous, flagged, has a score.
    kind
        n names, "" where none is known.
    size
        ndarray of shape (n,), float64, in standard deviations, NaN where unknown; the sign is ignored.
    device
        ndarray of shape (n,), int64, or None for one device.
    edges
        Rising borders of the bands of sizes, in standard deviations; a border belongs to the band above it.
    """
    kinds, code = np.unique(np.asarray(kind, dtype=np.str_), return_inverse=True)
    sizes = np.full(len(labels), np.nan) if size is None else np.abs(np.asarray(size, np.float64))
    owner = np.zeros(len(labels), np.int64) if device is None else device
    order = np.argsort(owner, kind="stable")
    group = _same_event(owner[order], code[order], sizes[order])
    starts, stops = flagged_runs(labels[order], group)
    seen = _any(scored[order], starts, stops)
    caught = _any((scored & anomaly)[order], starts, stops)
    bands = _band(sizes[order][starts], edges)
    return _tally(kinds[code[order][starts]], bands, seen, caught, _band_names(edges))


def _same_event(owner: IntArray, code: IntArray, sizes: FloatArray) -> IntArray:
    known = np.nan_to_num(sizes, nan=-1.0)
    change = (np.diff(owner) != 0) | (np.diff(code) != 0) | (np.diff(known) != 0)
    return np.concatenate([[0], np.cumsum(change)]) if len(owner) else np.zeros(0, np.int64)


def _any(flags: BoolArray, starts: IntArray, stops: IntArray) -> BoolArray:
    before = np.concatenate([[0], np.cumsum(flags)])
    return np.asarray(before[stops] > before[starts])


def _band(sizes: FloatArray, edges: tuple[float, ...]) -> IntArray:
    return np.where(np.isnan(sizes), len(edges) + 1, np.searchsorted(edges, sizes, side="right")).astype(np.int64)


def _band_names(edges: tuple[float, ...]) -> tuple[str, ...]:
    inner = [f"{low:g}–{high:g} σ" for low, high in pairwise(edges)]
    outer = [f"< {edges[0]:g} σ", *inner, f"≥ {edges[-1]:g} σ"] if edges else ["any size"]
    return (*outer, "")


def _tally(
    kinds: npt.NDArray[np.str_], bands: IntArray, seen: BoolArray, caught: BoolArray, names: tuple[str, ...]
) -> tuple[EventRecall, ...]:
    rows = []
    for kind, band in sorted(set(zip(kinds.tolist(), bands.tolist(), strict=True))):
        here = (kinds == kind) & (bands == band)
        rows.append(
            EventRecall(
                kind=kind,
                band=names[band],
                events=int(np.count_nonzero(here & seen)),
                caught=int(np.count_nonzero(here & caught)),
                left_out=int(np.count_nonzero(here & ~seen)),
            )
        )
    return tuple(rows)
