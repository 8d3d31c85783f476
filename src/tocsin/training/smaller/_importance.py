"""How much each unit of a network contributes: what the loss would change by if it fell silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tocsin.core.arrays import Float32Array, FloatArray, IntArray
from tocsin.training.smaller._chain import layers_of

_BATCH = 256


def importance(
    network: nn.Module, loss: Callable[[nn.Module, Tensor], Tensor], windows: Float32Array
) -> list[FloatArray]:
    """Return, for each layer but the last, how much each of its units contributes.

    The mean over the windows of ``|Σ activation · gradient|``, summed over time: to first order, by how much the loss
    would change if the unit yielded 0 (Molchanov et al. 2017, "Pruning convolutional neural networks for resource
    efficient inference", eq. 7), in units of the layer's norm, so that layers can be compared (eq. 9).

    Parameters
    ----------
    network
        A chain of layers; not changed.
    loss
        What it was trained to minimise.
    windows
        ndarray of shape (n, window, channels), float32, scaled: normal ones.

    Returns
    -------
    list of ndarrays of shape (units,), float64
    """
    layers = layers_of(network)[:-1]
    totals = [np.zeros(0)] * len(layers)
    for start in range(0, len(windows), _BATCH):
        part = torch.from_numpy(windows[start : start + _BATCH])
        with _watched(layers) as seen:
            torch.autograd.backward(loss(network, part))
        totals = [_added(total, layer, seen[layer]) for total, layer in zip(totals, layers, strict=True)]
    network.zero_grad()
    return [total / (np.linalg.norm(total) or 1.0) for total in totals]


def strongest(weights: FloatArray, most: int) -> IntArray:
    """Return the ``most`` units that contribute most, in the order in which they stand.

    >>> strongest(np.array([0.1, 0.9, 0.0, 0.5]), 2)
    array([1, 3])
    """
    return np.sort(np.argsort(-weights, kind="stable")[:most]).astype(np.int64)


@contextmanager
def _watched(layers: Sequence[nn.Module]) -> Iterator[dict[nn.Module, Tensor]]:
    """Yield what the layers make of the windows that pass through them, with the gradients once those are known."""
    seen: dict[nn.Module, Tensor] = {}

    def look(layer: nn.Module, _: Any, made: Any) -> None:
        yielded = made[0] if isinstance(made, tuple) else made
        yielded.retain_grad()
        seen[layer] = yielded

    hooks = [layer.register_forward_hook(look) for layer in layers]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _added(total: FloatArray, layer: nn.Module, yielded: Tensor) -> FloatArray:
    """Add what a batch says of a layer's units to the contributions so far."""
    assert yielded.grad is not None
    share = (yielded * yielded.grad).detach().to(torch.float64)
    if isinstance(layer, nn.Conv1d):  # (n, filters, steps)
        share = share.sum(dim=2)
    elif isinstance(layer, nn.RNNBase):  # (steps, n, units)
        share = share.sum(dim=0)
    found = share.abs().sum(dim=0).numpy()
    return found if not total.size else total + found
