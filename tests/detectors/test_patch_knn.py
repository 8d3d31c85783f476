"""The patch memory against its own network in PyTorch and scikit-learn's neighbours, and what it is blind to."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestNeighbors

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors import _torch
from tocsin.detectors._bank import bank
from tocsin.detectors._patch_network import levelled, triplet_loss
from tocsin.detectors.patch_knn import PatchNeighbours, directions
from tocsin.graph.run import Runner

LENGTH, CHANNELS = 24, 2


def waves(rows: int = 500, *, length: int = LENGTH) -> Windows:
    """Return windows over two waves with a little noise."""
    rng = np.random.default_rng(0)
    wave = np.sin(np.arange(rows)[:, None] / np.array([4, 7]) + np.arange(CHANNELS))
    series = (wave + 0.05 * rng.standard_normal((rows, CHANNELS))).astype(np.float32)
    return Windows(series, np.arange(length - 1, rows), length)


def small(**settings: Any) -> PatchNeighbours:
    kept = {"filters": (8, 6), "kernels": (5, 3), "batch_size": 32, "device": "cpu"}
    return PatchNeighbours(**{**kept, **settings})


def score(detector: PatchNeighbours, windows: Windows, taken: Float32Array | None = None) -> Float32Array:
    runner = Runner(detector.fit(windows, seed=3).onnx)
    return runner(windows.take(slice(None)) if taken is None else taken).score


def reference(detector: PatchNeighbours, windows: Windows, *, iterations: int) -> FloatArray:
    """Return the scores by the network in PyTorch and scikit-learn's neighbours."""
    longer = Windows(windows.series, windows.end[4:], windows.length + 4)
    epochs = round(iterations / -(-min(len(longer), iterations * 32) // 32)) if iterations else 0
    plan = _torch.Plan(
        epochs=epochs,
        batch_size=32,
        learning_rate=detector.learning_rate,
        patience=0,
        max_windows=max(1, iterations) * 32,
        device="cpu",
        seed=3,
    )
    trained = _torch.train(lambda: detector.encoder(CHANNELS), triplet_loss(2, 0.5), longer, plan=plan)
    pointing = directions(trained.network, windows.take(slice(None)))
    kept = bank(pointing, round(0.1 * len(windows)))
    nearest, _ = NearestNeighbors(n_neighbors=3, metric="euclidean").fit(kept).kneighbors(pointing)
    return np.asarray((nearest**2 / 2).mean(axis=1))


@pytest.mark.parametrize("iterations", [0, 12])
@pytest.mark.parametrize(("recent", "length"), [(0, 24), (4, 24), (30, 24), (1, 6)])
def test_graph_equals_the_torch_network_and_scikit_learns_neighbours(recent: int, length: int, iterations: int) -> None:
    windows = waves(length=length)
    detector = small(recent=recent, iterations=iterations, learning_rate=1e-3, floor=0.3)
    expected = reference(detector, windows, iterations=iterations)
    np.testing.assert_allclose(score(detector, windows), expected, rtol=2e-4, atol=1e-7)


def test_a_level_that_stays_is_no_shape() -> None:
    windows = waves()
    taken = windows.take(slice(None))
    detector = small()
    np.testing.assert_allclose(score(detector, windows, taken + 40), score(detector, windows), atol=1e-5)


def test_a_size_of_its_own_counts_by_default_and_not_with_a_small_floor() -> None:
    """PaAno's normalisation makes a flat stretch's noise as large as any movement."""
    windows = waves()
    taken = windows.take(slice(None))
    usual, thrice = (score(small(floor=1e-3), windows, size * taken) for size in (1, 3))
    np.testing.assert_allclose(thrice, usual, atol=1e-4)
    usual, thrice = (score(small(), windows, size * taken) for size in (1, 3))
    assert np.median(thrice) > 3 * np.median(usual)


def test_levelling_is_by_mean_and_deviation_of_the_window() -> None:
    windows = torch.tensor([[[1.0, 5.0], [3.0, 5.0]]])
    found = levelled(windows, 0.5)
    size = 1 / np.sqrt(1 + 0.25)
    np.testing.assert_allclose(found.numpy(), [[[-size, 0], [size, 0]]], rtol=1e-6)


def test_an_unknown_shape_is_strange_from_the_eighth_reading_on() -> None:
    windows = waves(1500)
    rng = np.random.default_rng(5)
    other = windows.series[-200:].copy()
    other[100:, 1] = np.sign(np.sin(np.arange(100) / 2)) + 0.05 * rng.standard_normal(100)
    changed = Windows(other, np.arange(LENGTH - 1, 200), LENGTH).take(slice(None))
    began = 100 - LENGTH + 1
    found = score(PatchNeighbours(device="cpu"), windows, changed)
    normal, strange = found[:began], found[began + 8 :]
    assert (strange[:, None] > normal).mean() > 0.9


def test_a_single_strange_reading_counts_while_it_is_recent() -> None:
    windows = waves(1000)
    taken = windows.take(slice(None))
    spiked = taken.copy()
    spiked[:, -1, 0] += 3
    found = {recent: score(small(recent=recent), windows, spiked) for recent in (0, 4)}
    usual = {recent: score(small(recent=recent), windows) for recent in (0, 4)}
    ratio = {recent: float(np.median(found[recent]) / np.quantile(usual[recent], 0.99)) for recent in (0, 4)}
    assert ratio[4] > max(1, ratio[0])


def test_near_windows_are_drawn_together_and_others_pushed_away() -> None:
    losses = small(iterations=120, learning_rate=1e-3).fit(waves(), seed=0).curves["training_loss"]
    assert losses[-1] < losses[0]


def test_the_triplets_are_those_of_the_paper() -> None:
    """With known embeddings: 1 − cosine to the neighbour, less that to the least alike, plus the margin."""

    class Known(torch.nn.Module):
        def forward(self, windows: torch.Tensor) -> torch.Tensor:
            return windows[:, 0, :2]

        def project(self, encoded: torch.Tensor) -> torch.Tensor:
            return encoded

    east, north, west = [2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]
    still = torch.tensor([east, north, west])[:, None].expand(3, 5, 2)
    # each is alike to itself; east and west are 2 apart, north is 1 from both
    expected = (0 - 2 + 2 + 0 - 1 + 2 + 0 - 2 + 2) / 3
    assert triplet_loss(1, 2.0)(Known(), still).item() == pytest.approx(expected)
    assert triplet_loss(1, 0.5)(Known(), still).item() == 0
    assert triplet_loss(1, 0.5)(Known(), still[:1]).item() == pytest.approx(0.5)


def test_windows_that_never_overlap_are_learned_from_without_neighbours() -> None:
    windows = waves()
    apart = Windows(windows.series, windows.end[::LENGTH], LENGTH)
    assert np.isfinite(score(small(iterations=5), apart)).all()


def test_the_bank_is_capped() -> None:
    windows = waves()
    sizes = [len(small(max_bank=most).fit(windows, seed=0).onnx) for most in (5, 40)]
    assert sizes[1] - sizes[0] == pytest.approx(35 * 12 * 4, rel=0.1)


def test_same_seed_gives_the_same_bytes_and_another_seed_does_not() -> None:
    one, same, other = (small().fit(waves(), seed=seed).onnx for seed in (1, 1, 2))
    assert one == same != other


def test_default_network_has_the_stated_size() -> None:
    layers = PatchNeighbours().encoder(5).layers
    stated = sum(value.numel() for layer in layers for value in layer.parameters())
    assert f"they have {stated:,} parameters" in " ".join(str(PatchNeighbours.__doc__).split())


def test_nothing_to_learn_from_is_said() -> None:
    windows = waves()
    with pytest.raises(InputError, match="0 complete windows"):
        small().fit(Windows(windows.series, windows.end[:0], LENGTH), seed=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filters", ()),
        ("filters", (8, 0)),
        ("kernels", (3,)),
        ("kernels", (3, 4)),
        ("iterations", -1),
        ("batch_size", 1),
        ("learning_rate", 0.0),
        ("radius", -1),
        ("margin", -0.1),
        ("margin", 2.1),
        ("bank", 0.0),
        ("bank", 1.5),
        ("max_bank", 0),
        ("neighbours", 0),
        ("floor", 0.0),
        ("recent", -1),
        ("device", "tpu"),
        ("max_windows", 1),
    ],
)
def test_settings_that_cannot_work_are_refused(name: str, value: Any) -> None:
    with pytest.raises(SettingError, match=name):
        small(**{name: value})


def test_missing_torch_names_the_extra() -> None:
    script = """
import sys
sys.modules["torch"] = None
import numpy as np
from tocsin.core.errors import MissingExtraError
from tocsin.core.windows import Windows
from tocsin.detectors.patch_knn import PatchNeighbours
try:
    PatchNeighbours().fit(Windows(np.zeros((90, 1), np.float32), np.arange(63, 90), 64), seed=0)
except MissingExtraError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=60, capture_output=True, text=True, check=True)
    assert 'pip install "tocsin[train]"' in done.stdout
