from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tocsin.detectors._redrawing import distance, lesson


class Copy(nn.Module):
    def forward(self, windows: Tensor) -> Tensor:
        return windows


def squared(network: nn.Module, seen: Tensor, windows: Tensor) -> Tensor:
    return nn.functional.mse_loss(network(seen), windows)


@pytest.mark.parametrize(
    ("name", "expected"), [("squared", (0.04 + 0.0025) / 2), ("absolute", 0.125), ("huber", (0.015 + 0.00125) / 2)]
)
def test_losses_by_hand(name: str, expected: float) -> None:
    found = distance(name)(torch.tensor([0.2, 0.0]), torch.tensor([0.0, 0.05]))
    assert found.item() == pytest.approx(expected, rel=1e-5)


def test_what_is_seen_is_spoiled_in_training_alone() -> None:
    loss = lesson(squared, lambda windows: windows + 3, faults=0.0, flattest=None)
    windows = torch.ones(2, 4, 1)
    assert loss(Copy().train(), windows).item() == 9
    assert loss(Copy().eval(), windows).item() == 0


def test_faults_are_put_in_in_training_alone() -> None:
    loss = lesson(squared, lambda windows: windows, faults=1.0, flattest=None)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        windows = torch.randn(50, 6, 2)
        assert loss(Copy().train(), windows).item() > 0.1
        assert loss(Copy().eval(), windows).item() == 0


def test_the_clean_window_is_measured_as_the_seen_one_is() -> None:
    """Seen 0, 4 becomes −1, 1 with mean 2 and deviation 2; the clean 0, 2 then is −1, 0: off by 1 at one of two."""
    loss = lesson(squared, lambda windows: windows * 2, faults=0.0, flattest=0.5)
    assert loss(Copy().train(), torch.tensor([[[0.0], [2.0]]])).item() == pytest.approx(0.5)


def test_a_flat_window_is_not_blown_up() -> None:
    loss = lesson(lambda _, seen, __: seen.abs().max(), lambda windows: windows, faults=0.0, flattest=0.5)
    assert loss(Copy(), torch.tensor([[[1.0], [1.2]]])).item() == pytest.approx(0.2)
