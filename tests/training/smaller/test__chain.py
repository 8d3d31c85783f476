"""A network comes back from its graph to the last bit, and a thinner one is the network with units fallen silent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from tocsin.core.errors import SettingError
from tocsin.detectors._cnn_network import CNNAutoencoder
from tocsin.detectors._dense_network import DenseAutoencoder
from tocsin.detectors._lstm_network import LSTMAutoencoder
from tocsin.detectors._redrawing import Redrawing
from tocsin.graph.network import Network
from tocsin.training.smaller._chain import layers_of, restore, thin, units_of

WINDOW, CHANNELS = 8, 3
Widths = tuple[int, int]
Build = Callable[[Widths], Redrawing]


def dense(widths: Widths) -> Redrawing:
    return DenseAutoencoder(window=WINDOW, channels=CHANNELS, hidden=(*widths, 2), dropout=0.0)


def cnn(widths: Widths) -> Redrawing:
    return CNNAutoencoder(window=WINDOW, channels=CHANNELS, filters=widths, kernel=3, code=2, dropout=0.0)


def lstm(widths: Widths) -> Redrawing:
    return LSTMAutoencoder(channels=CHANNELS, hidden=widths)


def gru(widths: Widths) -> Redrawing:
    return LSTMAutoencoder(channels=CHANNELS, hidden=widths, cell="gru")


FAMILIES = pytest.mark.parametrize("build", [dense, cnn, lstm, gru])


def drawn(build: Build, widths: Widths, *, seed: int = 0) -> Redrawing:
    """Return a network all of whose weights are random, biases too."""
    torch.manual_seed(seed)
    network = build(widths).eval()
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if "lstm" not in build.__name__ or "bias_hh" not in name:  # of the LSTM's two biases one stays 0
                weight.copy_(torch.randn(weight.shape) * 0.4)
    return network


def graph_of(network: Redrawing) -> bytes:
    graph = Network(window=WINDOW, channels=CHANNELS)
    redrawn = network.write(graph, graph.input)
    row = graph.op("Reshape", redrawn, graph.integers([-1, WINDOW * CHANNELS]))
    total = graph.op("MatMul", row, graph.constant(np.ones((WINDOW * CHANNELS, 1))))
    return graph.seal(graph.op("Reshape", total, graph.integers([-1]))).onnx


@FAMILIES
def test_a_network_comes_back_from_its_graph(build: Build) -> None:
    first, again = drawn(build, (6, 4)), drawn(build, (6, 4), seed=1)
    restore(again, graph_of(first))
    for before, after in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(before, after)
    assert graph_of(again) == graph_of(first)


@FAMILIES
def test_a_graph_with_other_layers_is_refused(build: Build) -> None:
    with pytest.raises(SettingError, match="other layers"):
        restore(build((5, 4)), graph_of(drawn(build, (6, 4))))


def test_another_family_is_refused() -> None:
    with pytest.raises(SettingError, match="other layers"):
        restore(gru((6, 4)), graph_of(drawn(lstm, (6, 4))))


@FAMILIES
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), first=st.integers(1, 6), second=st.integers(1, 4))
def test_a_thin_network_is_one_with_units_fallen_silent(build: Build, seed: int, first: int, second: int) -> None:
    big, small = drawn(build, (6, 4), seed=seed), drawn(build, (first, second), seed=seed + 1)
    chance = np.random.default_rng(seed)
    kept = [
        np.sort(chance.choice(units_of(old), units_of(new), replace=False))
        for old, new in zip(layers_of(big)[:-1], layers_of(small)[:-1], strict=True)
    ]
    thin(big, small, kept)
    for layer, behind, units in zip(layers_of(big), layers_of(big)[1:], kept, strict=False):
        silence(layer, behind, np.setdiff1d(np.arange(units_of(layer)), units))
    windows = torch.randn(5, WINDOW, CHANNELS)
    with torch.no_grad():
        torch.testing.assert_close(small(windows), big(windows), rtol=1e-5, atol=1e-6)


def silence(layer: nn.Module, behind: nn.Module, units: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    """Have nobody hear ``units`` of a layer: neither what follows nor, where it recurs, the layer itself."""
    with torch.no_grad():
        next(behind.parameters())[:, units] = 0
        if isinstance(layer, nn.RNNBase):
            dict(layer.named_parameters())["weight_hh_l0"][:, units] = 0
