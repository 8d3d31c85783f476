"""Units whose work is not used count nothing; where a unit's part is known by hand, it is what was worked out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from tests.training.smaller.test__chain import CHANNELS, FAMILIES, WINDOW, Build, drawn, silence
from torch import Tensor, nn

from tocsin.training.smaller._chain import layers_of
from tocsin.training.smaller._importance import importance

WINDOWS = np.random.default_rng(2).normal(size=(300, WINDOW, CHANNELS)).astype(np.float32)


def squared(network: nn.Module, windows: Tensor) -> Tensor:
    apart: Tensor = ((network(windows) - windows) ** 2).mean()
    return apart


@FAMILIES
def test_a_unit_that_nobody_hears_counts_nothing(build: Build) -> None:
    network = drawn(build, (6, 4))
    layers = layers_of(network)
    for layer, behind in pairwise(layers):
        silence(layer, behind, np.array([1]))
    for found in importance(network, squared, WINDOWS):
        assert found[1] == 0
        assert (np.delete(found, 1) > 0).all()


def test_worked_out_by_hand() -> None:
    first, second = nn.Linear(1, 2, bias=False), nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        first.weight.copy_(torch.tensor([[1.0], [2.0]]))
        second.weight.copy_(torch.tensor([[3.0, 4.0]]))
    # what comes out is 11 x; the loss, its mean, has the gradients 3 and 4 at the units, which yield x and 2 x
    (found,) = importance(
        nn.Sequential(first, second), lambda net, windows: net(windows).mean(), np.ones((4, 1), np.float32)
    )
    assert found == pytest.approx(np.array([3, 8]) / np.hypot(3, 8))


@FAMILIES
def test_a_network_is_left_as_it_was(build: Build) -> None:
    network = drawn(build, (6, 4))
    before = [weight.clone() for weight in network.parameters()]
    importance(network, squared, WINDOWS[:10])
    assert all(torch.equal(one, other) for one, other in zip(before, network.parameters(), strict=True))
    assert all(weight.grad is None for weight in network.parameters())
    assert not any(layer._forward_hooks for layer in layers_of(network))


def test_what_cancels_over_time_counts_nothing() -> None:
    network = nn.Sequential(nn.Conv1d(1, 1, 1, bias=False), nn.Conv1d(1, 1, 1, bias=False))
    signs = torch.tensor([1.0, -1.0])
    (found,) = importance(network, lambda net, windows: (net(windows) * signs).mean(), np.ones((4, 1, 2), np.float32))
    assert found == [0]
