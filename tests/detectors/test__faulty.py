from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor

from tocsin.detectors import _faulty
from tocsin.detectors._faulty import with_faults


@pytest.fixture(autouse=True)
def chance() -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        yield


def plain(n: int = 4000, length: int = 8, channels: int = 4) -> Tensor:
    return torch.randn(n, length, channels)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_share_of_the_windows_is_faulty_and_the_rest_untouched(share: float) -> None:
    windows = plain()
    changed = (with_faults(windows, share=share) != windows).any(dim=(1, 2)).double().mean().item()
    # a value that is stuck for one step only is what it was
    assert changed == pytest.approx(share, rel=0.1)


def test_what_comes_in_stays_as_it_was() -> None:
    windows = plain(50)
    before = windows.clone()
    with_faults(windows, share=1.0)
    assert torch.equal(windows, before)


def test_one_channel_is_touched_for_sure_and_others_at_times() -> None:
    windows = plain()
    changed = (with_faults(windows, share=1.0) != windows).any(dim=1)
    channels = changed.sum(dim=1).double()
    assert channels.mean().item() == pytest.approx(1 + 3 * 0.3 * 3 / 4, abs=0.3)
    assert channels.max().item() == 4
    assert changed.double().mean(dim=0).std().item() < 0.02


def test_faults_happen_without_a_gap_and_half_or_more_last_to_the_end() -> None:
    windows = plain(channels=1)
    changed = (with_faults(windows, share=1.0) != windows)[:, :, 0]
    assert 0.4 < changed[:, -1].double().mean().item() < 0.8
    assert changed.any(dim=0).all()


def test_sizes_go_by_the_channels_own_deviation() -> None:
    windows = plain(channels=2) * torch.tensor([1.0, 100.0])
    off = (with_faults(windows, share=1.0) - windows).abs().amax(dim=(0, 1))
    assert 50 < (off[1] / off[0]).item() < 200


def test_a_constant_channel_stays_constant() -> None:
    windows = plain()
    windows[:, :, 2] = 5
    assert (with_faults(windows, share=1.0)[:, :, 2] == 5).all()


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 2), (1, 9, 1)])
def test_any_shape_will_do(shape: tuple[int, int, int]) -> None:
    found = with_faults(torch.ones(shape), share=1.0)
    assert found.shape == shape
    assert torch.isfinite(found).all()


def test_kinds_by_hand() -> None:
    """A window 1, 2, 3, 6 from the second step on, by a size of 2 that the drift reaches at the last of three steps."""
    window = torch.tensor([[[1.0], [2.0], [3.0], [6.0]]])
    since = torch.arange(4)[None, :, None] - 1
    first, length = torch.tensor([[[1]]]), torch.tensor([[[3]]])
    found = _faulty._kinds(window, torch.tensor([[[2.0]]]), since=since, length=length, first=first)
    spike, drift, offset, stuck, _, scale = (kind[0, 1:, 0].tolist() for kind in found)
    assert spike == [4, 3, 6]
    assert drift == pytest.approx([2 + 2 / 3, 3 + 4 / 3, 8])
    assert offset == [4, 5, 8]
    assert stuck == [2, 2, 2]
    factor = (scale[2] - 3) / 3
    assert 0.25 <= factor <= 4
    assert scale == pytest.approx([3 - factor, 3, 3 + 3 * factor], abs=1e-5)
