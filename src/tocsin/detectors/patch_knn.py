"""Patch memory: keeps the shapes of normal windows in mind, and scores how unlike all of them a new one is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._bank import bank
from tocsin.detectors._forecast import bounded
from tocsin.detectors._settings import above, at_least, enough, installed, one_of
from tocsin.detectors._spaced import spaced
from tocsin.graph.conv import conv
from tocsin.graph.network import Network

if TYPE_CHECKING:
    from tocsin.detectors._patch_network import PatchEncoder
    from tocsin.detectors._torch import Plan

_CHUNK = 512


@dataclass(frozen=True, kw_only=True)
class PatchNeighbours(Detector):
    """Patch memory: how unlike this window's shape is to the shapes seen in normal operation.

    A small convolutional network turns a window, levelled channel by channel so that only its shape is left, into a
    direction; it has learned to point the same way for windows near in time and another way for others. A tenth of the
    normal directions, chosen by k-means, is kept. The score, from 0 to 2, is the mean of 1 − cosine to the nearest few
    of them. That is PaAno (Park & Kang 2026, "PaAno: patch-based representation learning for time-series anomaly
    detection") with a smaller network, without the pretext task of the first tenth of its training, and with a second
    look at the newest readings: PaAno judges a reading by all windows that hold it, later ones too, which no alarm can
    wait for. A level that stays is no shape: this detector sees it come and go. The graph gives no shares of channels.
    With the default sizes and 5 channels the network has 29,984 parameters, besides those that only training needs.

    Parameters
    ----------
    filters
        Filters of each convolution.
    kernels
        Widths of the convolutions in readings, odd, one for each.
    iterations
        Steps of the optimiser.
    batch_size
        Windows per step; each looks for its opposite among them.
    learning_rate
        Step size of Adam.
    radius
        Windows so many readings apart, or fewer, are to be alike.
    margin
        By how much, in 1 − cosine, another window is to be farther away than one near in time; 0 to 2.
    bank
        Share of the normal windows that is kept, chosen by k-means.
    max_bank
        Keep at most so many.
    neighbours
        The score is the mean over so many nearest ones.
    floor
        A channel is divided by its deviation within the window, or by about this, in scaled units, where it hardly
        moves.
    recent
        The network's view of the window is its mean over all steps and, beside it, its mean over so many newest ones,
        without which a single strange reading drowns among the others. 0: the first alone, as PaAno has it.
    device
        "auto" (CUDA where there is any), "cpu" or "cuda". Same seed, same graph holds on the CPU.
    max_windows
        Choose the bank from at most so many windows, evenly spaced over the whole time.

    Notes
    -----
    Not recommended so far. On ``tocsin simulate environment`` it told no event at its limit, where ``max |z|`` told
    some, and ranked readings worse than the same network fresh from its initial weights; on one series of SMAP and MSL
    with 500 normal readings it was no better than chance. Why is not known yet.

    Examples
    --------
    >>> PatchNeighbours(bank=0.05).neighbours
    3
    """

    default_window: ClassVar[int] = 64
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"filters": (16, 16), "kernels": (7, 3), "iterations": 40}

    filters: tuple[int, ...] = (32, 64, 64, 32)
    kernels: tuple[int, ...] = (7, 5, 3, 3)
    iterations: int = 200
    batch_size: int = 64
    learning_rate: float = 1e-4
    radius: int = 2
    margin: float = 0.5
    bank: float = 0.1
    max_bank: int = 10_000
    neighbours: int = 3
    floor: float = 0.05
    recent: int = 4
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_windows: int = 20_000

    def __post_init__(self) -> None:
        _check_layers(self.filters, self.kernels)
        for name, least in _LEAST.items():
            at_least(name, getattr(self, name), least)
        for name in ("learning_rate", "bank", "floor"):
            above(name, getattr(self, name), 0)
        _at_most("margin", self.margin, 2)
        _at_most("bank", self.bank, 1)
        one_of("device", self.device, ("auto", "cpu", "cuda"))

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train the network on ``windows``, choose the bank, and write both down as a graph."""
        installed("Training a patch memory", library="PyTorch", module="torch")
        enough(windows)
        from tocsin.detectors._patch_network import PatchEncoder, triplet_loss
        from tocsin.detectors._torch import train

        radius = self.radius if len(_longer(windows, 2 * self.radius)) > 1 else 0
        longer = _longer(windows, 2 * radius)
        loss = triplet_loss(radius, self.margin)
        trained = train(lambda: self.encoder(windows.channels), loss, longer, plan=self._plan(len(longer), seed))
        assert isinstance(trained.network, PatchEncoder)
        chosen = windows.take(spaced(len(windows), self.max_windows))
        kept = bank(directions(trained.network, chosen), min(self.max_bank, max(1, round(self.bank * len(chosen)))))
        network = Network(window=windows.length, channels=windows.channels)
        pointing = _pointing(network, trained.network)
        return network.seal(_unlikeness(network, pointing, kept, self.neighbours), curves=trained.curves)

    def encoder(self, channels: int) -> PatchEncoder:
        """Return the network, untrained."""
        from tocsin.detectors._patch_network import PatchEncoder

        return PatchEncoder(
            channels=channels, filters=self.filters, kernels=self.kernels, floor=self.floor, recent=self.recent
        )

    def _plan(self, rows: int, seed: int) -> Plan:
        from tocsin.detectors._torch import Plan

        wanted = self.iterations * self.batch_size
        epochs = max(1, round(self.iterations / -(-min(rows, wanted) // self.batch_size)))
        return Plan(
            epochs=epochs,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            patience=0,
            max_windows=wanted,
            device=self.device,
            seed=seed,
        )


_LEAST = {
    "iterations": 1,
    "batch_size": 2,
    "radius": 0,
    "recent": 0,
    "margin": 0,
    "max_bank": 1,
    "neighbours": 1,
    "max_windows": 2,
}


def _check_layers(filters: tuple[int, ...], kernels: tuple[int, ...]) -> None:
    at_least("filters", len(filters) and min(filters), 1)
    if len(kernels) != len(filters) or any(width < 1 or width % 2 == 0 for width in kernels):
        raise SettingError(
            f"kernels is {kernels!r}.", remedy=f"It must be {len(filters)} odd widths, one for each of filters."
        )


def _at_most(name: str, value: float, most: float) -> None:
    if not value <= most:
        raise SettingError(f"{name} is {value!r}.", remedy=f"It must be {most} or less.")


def _longer(windows: Windows, more: int) -> Windows:
    """Return windows that begin ``more`` readings earlier, where there are any: two that overlap make one."""
    if more >= windows.length:
        return replace(windows, end=windows.end[:0], labels=None)
    whole = np.isin(windows.end - more, windows.end)
    return Windows(windows.series, windows.end[whole], windows.length + more)


def directions(encoder: PatchEncoder, windows: Float32Array) -> Float32Array:
    """Return the directions in which windows of shape (n, window, channels) point, each of length 1."""
    import torch

    with torch.no_grad():
        parts = [encoder(torch.from_numpy(windows[k : k + _CHUNK])) for k in range(0, len(windows), _CHUNK)]
        return torch.nn.functional.normalize(torch.cat(parts), dim=1).numpy()


def _pointing(network: Network, encoder: PatchEncoder) -> str:
    """Add the direction in which the window points; shape (n, size of the embedding)."""
    from tocsin.detectors._patch_network import folded

    steps = _levelled(network, encoder.floor)
    for weight, bias in folded(encoder):
        steps = network.op("Relu", conv(network, steps, weight=weight, bias=bias))
    means = network.op("MatMul", steps, network.constant(_pooling(network.window, encoder.recent)))
    stacked = network.op("Transpose", means, attributes={"perm": [0, 2, 1]})
    embedding = network.op("Reshape", stacked, network.integers([-1, encoder.size]))
    ones = network.constant(np.ones((encoder.size, 1)))
    squares = network.op("MatMul", network.op("Mul", embedding, embedding), ones)
    length = network.op("Max", network.op("Sqrt", squares), network.constant(1e-12))
    return network.op("Div", embedding, length)


def _pooling(window: int, recent: int) -> Float32Array:
    """Return the matrix that takes the mean over all steps and, where ``recent`` is above 0, over so many last ones."""
    spans = [window, min(recent, window)] if recent else [window]
    return np.stack([(np.arange(window) >= window - span) / span for span in spans], axis=1).astype(np.float32)


def _levelled(network: Network, floor: float) -> str:
    """Add the window less each channel's mean over it, in units of its deviation there; (n, channels, window).

    The last reading is taken off first: differences are exact where levels are large, a mean of levels is not.
    """
    window = bounded(network)
    last = network.op("Gather", window, network.integers([network.window - 1]), attributes={"axis": 1})
    steps = network.op("Transpose", network.op("Sub", window, last), attributes={"perm": [0, 2, 1]})
    average = network.constant(np.full((network.window, 1), 1 / network.window))
    centred = network.op("Sub", steps, network.op("MatMul", steps, average))
    variance = network.op("MatMul", network.op("Mul", centred, centred), average)
    deviation = network.op("Sqrt", network.op("Add", variance, network.constant(floor**2)))
    return network.op("Div", centred, deviation)


def _unlikeness(network: Network, pointing: str, kept: Float32Array, neighbours: int) -> str:
    """Add the mean of 1 − cosine to the nearest directions in the bank; shape (n,)."""
    nearest = min(neighbours, len(kept))
    cosine = network.op("MatMul", pointing, network.constant(kept.T))
    best, _ = network.ops("TopK", [cosine, network.integers([nearest])], outputs=2)
    mean = network.op("MatMul", network.op("Sub", network.constant(1), best), network.constant(_mean_of(nearest)))
    return network.op("Reshape", network.op("Max", mean, network.constant(0)), network.integers([-1]))


def _mean_of(values: int) -> Float32Array:
    return np.full((values, 1), 1 / values, np.float32)
