from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.core.contracts import Detector, Graph
from tocsin.core.windows import Windows
from tocsin.detectors._folds import join, stretches
from tocsin.graph.network import Network


@dataclass(frozen=True, kw_only=True)
class Remembers(Detector):
    """Scores how many readings away the nearest window it has learned from ends, on a series that counts readings."""

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        network = Network(window=windows.length, channels=windows.channels)
        last = network.op("Gather", network.input, network.integers(windows.length - 1), attributes={"axis": 1})
        ends = network.constant(windows.take(slice(None))[:, -1, 0][None, :])
        away = network.op("Abs", network.op("Sub", last, ends))
        return network.seal(network.op("ReduceMin", away, network.integers([1]), attributes={"keepdims": 0}))


def _counting(rows: int) -> Windows:
    return Windows(np.arange(rows, dtype=np.float32)[:, None], np.arange(2, rows), 3)


def test_what_is_held_out_was_not_learned_from_and_the_whole_was() -> None:
    found = join("remembers", Remembers(), _counting(92), folds=3, seed=0)
    # no window that learned overlaps a held-out one, so the nearest ends at least a window away
    assert found.held_out.score.min() == 3
    assert len(found.held_out.score) == 90
    alone = join("remembers", Remembers(), _counting(92), folds=1, seed=0)
    assert alone.held_out.score.max() == 0


def test_later_windows_are_learned_from_as_well() -> None:
    first = Windows(np.arange(92, dtype=np.float32)[:, None], np.arange(2, 60), 3)
    both = Windows(first.series, first.end, 3, validation=Windows(first.series, np.arange(62, 92), 3))
    assert len(join("remembers", Remembers(), both, folds=3, seed=0).held_out.score) == 88


def test_with_too_few_windows_nothing_is_held_out() -> None:
    assert join("remembers", Remembers(), _counting(30), folds=3, seed=0).held_out.score.max() == 0


@given(st.integers(60, 200), st.integers(1, 12), st.integers(2, 5))
def test_folds_hold_out_each_window_once_and_share_no_reading(rows: int, window: int, folds: int) -> None:
    ends = np.arange(window - 1, rows)
    found = list(stretches(ends, window, folds=folds))
    if found:
        assert np.concatenate([held for _, held in found]).tolist() == ends.tolist()
    for rest, held in found:
        learned = {row for end in rest for row in range(end - window + 1, end + 1)}
        assert learned.isdisjoint({row for end in held for row in range(end - window + 1, end + 1)})
