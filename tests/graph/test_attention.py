from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from tocsin.core.arrays import Float32Array
from tocsin.graph.attention import AttentionWeights, Dense, Norm, attention_layer
from tocsin.graph.network import Network
from tocsin.graph.run import Runner

WIDTH, LENGTH = 6, 5


def _array(weight: torch.Tensor) -> Float32Array:
    return weight.detach().numpy()


def _dense(weight: torch.Tensor, bias: torch.Tensor) -> Dense:
    return Dense(_array(weight), _array(bias))


def _norm(layer: nn.LayerNorm) -> Norm:
    return Norm(_array(layer.weight), _array(layer.bias), layer.eps)


def _weights(layer: nn.TransformerEncoderLayer, heads: int) -> AttentionWeights:
    attention = layer.self_attn
    return AttentionWeights(
        heads=heads,
        before_attention=_norm(layer.norm1),
        mixed=_dense(attention.in_proj_weight, attention.in_proj_bias),
        joined=_dense(attention.out_proj.weight, attention.out_proj.bias),
        before_wide=_norm(layer.norm2),
        wide=_dense(layer.linear1.weight, layer.linear1.bias),
        narrow=_dense(layer.linear2.weight, layer.linear2.bias),
    )


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_layer_equals_pytorchs_own(heads: int) -> None:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        layer = nn.TransformerEncoderLayer(WIDTH, heads, 9, dropout=0.0, norm_first=True, batch_first=True).eval()
        for weight in layer.parameters():
            nn.init.normal_(weight, std=0.5)
    windows = np.random.default_rng(0).standard_normal((7, LENGTH, WIDTH)).astype(np.float32)
    network = Network(window=LENGTH, channels=WIDTH)
    steps = attention_layer(network, network.input, _weights(layer, heads), length=LENGTH)
    last = network.op("Gather", steps, network.integers(LENGTH - 1), attributes={"axis": 1})
    score = network.op("Gather", last, network.integers(0), attributes={"axis": 1})
    found = Runner(network.seal(score, last).onnx)(windows)
    with torch.no_grad():
        expected = layer(torch.from_numpy(windows))[:, -1].numpy()
    assert found.by_channel is not None
    np.testing.assert_allclose(found.by_channel, expected, atol=1e-5)
