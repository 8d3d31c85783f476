"""Patch memory: keeps the shapes of normal windows in mind, and scores how unlike all of them a new one is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from tocsin.core.arrays import Float32Array
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._bank import bank
from tocsin.detectors._settings import above, at_least, at_most, enough, installed, one_of
from tocsin.detectors._spaced import spaced
from tocsin.graph.conv import conv
from tocsin.graph.network import Network

if TYPE_CHECKING:
    from tocsin.detectors._patch_network import PatchEncoder
    from tocsin.detectors._torch import Plan

_LARGEST = 1e6
"""Values are cut here, far beyond any scaled one: what their squares amount to stays within float32."""

_CHUNK = 512


@dataclass(frozen=True, kw_only=True)
class PatchNeighbours(Detector):
    """Patch memory: how unlike this window's shape is to the shapes seen in normal operation.

    Convolutions turn a window, each channel's mean over it taken off, into a direction: the mean of what they yield
    over all steps, and beside it over the newest few. A tenth of the normal directions, chosen by k-means, is kept. The
    score, from 0 to 2, is the mean of 1 − cosine to the nearest few of them. A level that stays is no shape: this
    detector sees it come and go. The graph gives no shares of channels.

    The frame is PaAno (Park & Kang 2026, "PaAno: patch-based representation learning for time-series anomaly
    detection"). By default the convolutions keep their random initial weights (as in Dempster et al. 2020, "ROCKET"),
    since PaAno's training made them worse: see the notes. With the default sizes and 5 channels they have 29,984
    parameters.

    Parameters
    ----------
    filters
        Filters of each convolution.
    kernels
        Widths of the convolutions in readings, odd, one for each.
    floor
        A channel is divided by the root of its variance within the window plus this squared, in scaled units. The
        default, a channel's whole range, hardly divides: quiet stretches stay quiet. PaAno has nearly 0.
    recent
        Beside its mean over all steps stands the mean over so many newest ones, without which a single strange reading
        drowns among the others. 0: the first alone, as PaAno has it, which judges a reading by later windows, too.
    bank
        Share of the normal windows that is kept, chosen by k-means.
    max_bank
        Keep at most so many.
    neighbours
        The score is the mean over so many nearest ones.
    iterations
        Steps of the optimiser. 0: random weights. PaAno takes 200, in which windows near in time learn to point the
        same way, and others another way.
    batch_size
        Windows per step; each looks for its opposite among them.
    learning_rate
        Step size of Adam.
    radius
        Windows so many readings apart, or fewer, are to be alike.
    margin
        By how much, in 1 − cosine, another window is to be farther away than one near in time; 0 to 2.
    device
        "auto" (CUDA where there is any), "cpu" or "cuda"; for the training. Same seed, same graph holds on the CPU.
    max_windows
        Choose the bank from at most so many windows, evenly spaced over the whole time.

    Notes
    -----
    Training is not recommended. With ``iterations=200`` readings in contextual events and co-deviations rank worse than
    with random weights: the area under the ROC curve, a mean over five simulated rooms and machines, falls from .77 to
    .65 (``max |z|`` .55). So does VUS-PR on the ten multivariate series of SMAP and MSL. The loss is soon met by
    telling a few kinds of windows apart, and directions that only do that forget how strong a movement is; random
    weights keep it.

    Examples
    --------
    >>> PatchNeighbours(bank=0.05).neighbours
    3
    """

    default_window: ClassVar[int] = 64
    default_scale: ClassVar[str] = "minmax"

    filters: tuple[int, ...] = (32, 64, 64, 32)
    kernels: tuple[int, ...] = (7, 5, 3, 3)
    floor: float = 1.0
    recent: int = 4
    bank: float = 0.1
    max_bank: int = 2_000
    neighbours: int = 3
    iterations: int = 0
    batch_size: int = 64
    learning_rate: float = 1e-4
    radius: int = 2
    margin: float = 0.5
    device: Literal["auto", "cpu", "cuda"] = "auto"
    max_windows: int = 20_000

    def __post_init__(self) -> None:
        _check_layers(self.filters, self.kernels)
        for name, least in _LEAST.items():
            at_least(name, getattr(self, name), least)
        for name in ("learning_rate", "bank", "floor"):
            above(name, getattr(self, name), 0)
        at_most("margin", self.margin, 2)
        at_most("bank", self.bank, 1)
        one_of("device", self.device, ("auto", "cpu", "cuda"))

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Draw or train the convolutions, choose the bank, and write both down as a graph."""
        installed("Making a patch memory", library="PyTorch", module="torch")
        enough(windows)
        from tocsin.detectors._patch_network import triplet_loss
        from tocsin.detectors._torch import train

        radius = self.radius if len(_longer(windows, 2 * self.radius)) > 1 else 0
        longer = _longer(windows, 2 * radius)
        loss = triplet_loss(radius, self.margin)
        trained = train(lambda: self.encoder(windows.channels), loss, longer, plan=self._plan(len(longer), seed))
        chosen = windows.take(spaced(len(windows), self.max_windows))
        kept = bank(directions(trained.network, chosen), min(self.max_bank, max(1, round(self.bank * len(chosen)))))
        network = Network(window=windows.length, channels=windows.channels)
        pointing = _pointing(network, trained.network)
        return network.seal(_unlikeness(network, pointing, kept, self.neighbours), curves=trained.curves)

    def encoder(self, channels: int) -> PatchEncoder:
        """Return the network with random weights."""
        from tocsin.detectors._patch_network import PatchEncoder

        return PatchEncoder(
            channels=channels, filters=self.filters, kernels=self.kernels, floor=self.floor, recent=self.recent
        )

    def _plan(self, rows: int, seed: int) -> Plan:
        from tocsin.detectors._torch import Plan

        wanted = max(1, self.iterations) * self.batch_size
        epochs = self.iterations / -(-min(rows, wanted) // self.batch_size)
        return Plan(
            epochs=max(1, round(epochs)) if self.iterations else 0,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate,
            patience=0,
            max_windows=wanted,
            device=self.device,
            seed=seed,
        )


_LEAST = {
    "iterations": 0,
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


def _longer(windows: Windows, more: int) -> Windows:
    """Return windows that begin ``more`` readings earlier, where there are any: two that overlap make one."""
    if more >= windows.length:
        return replace(windows, end=windows.end[:0], labels=None, validation=None)
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
    steps = _levelled(network, encoder.floor)
    for layer in encoder.layers:
        weight, bias = (value.detach().numpy() for value in layer.parameters())
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
    window = network.op("Clip", network.input, network.constant(-_LARGEST), network.constant(_LARGEST))
    last = network.op("Gather", window, network.integers([network.window - 1]), attributes={"axis": 1})
    steps = network.op("Transpose", network.op("Sub", window, last), attributes={"perm": [0, 2, 1]})
    average = network.constant(np.full((network.window, 1), 1 / network.window))
    centred = network.op("Sub", steps, network.op("MatMul", steps, average))
    variance = network.op("MatMul", network.op("Mul", centred, centred), average)
    deviation = network.op("Sqrt", network.op("Add", variance, network.constant(floor**2)))
    return network.op("Div", centred, deviation)


def _unlikeness(network: Network, pointing: str, kept: Float32Array, neighbours: int) -> str:
    """Add the mean of 1 − cosine to the nearest directions in the bank; shape (n,).

    Of directions, 1 − cosine is half the squared distance, which float32 tells to the last place where they are near.
    """
    size, nearest = kept.shape[1], min(neighbours, len(kept))
    memory = network.constant(kept)
    cosine = network.op("MatMul", pointing, network.op("Transpose", memory))
    _, place = network.ops("TopK", [cosine, network.integers([nearest])], outputs=2)
    found = network.op("Gather", memory, place, attributes={"axis": 0})
    apart = network.op("Sub", found, network.op("Unsqueeze", pointing, network.integers([1])))
    row = network.op("Reshape", network.op("Mul", apart, apart), network.integers([-1, nearest * size]))
    half_mean = network.constant(np.full((nearest * size, 1), 0.5 / nearest))
    return network.op("Reshape", network.op("MatMul", row, half_mean), network.integers([-1]))
