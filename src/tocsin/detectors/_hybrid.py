"""What the hybrid of autoencoder and LSTM shares with its ablation: settings, calibration and the graph."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._forecast import predictable, prediction_error
from tocsin.detectors._learning import Learning, bounded, check_learning, check_units
from tocsin.detectors._settings import at_least, one_of
from tocsin.detectors._spaced import spaced
from tocsin.detectors._tail import rarity
from tocsin.graph.curve import Curve, rising
from tocsin.graph.network import Network
from tocsin.graph.shares import Shared

if TYPE_CHECKING:
    from torch import nn

    from tocsin.detectors._hybrid_network import Hybrid as TorchNetwork
    from tocsin.detectors._torch import Plan, Trained

_FEWEST_HELD_OUT = 50
"""With fewer validation windows than this, tails are learned from the training windows, too."""

_CALIBRATED = 20_000
"""Tails are learned from at most so many windows."""


@dataclass(frozen=True, kw_only=True)
class Hybrid(Learning, Detector):
    """Autoencoder and LSTM whose errors are added up; a subclass says how the two are trained.

    Parameters
    ----------
    alpha
        Weight of the autoencoder's part.
    beta
        Weight of the LSTM's part.
    combine
        "rarity": alpha and beta weigh −log10 of the share of held-out normal readings with a greater error, so that
        both parts speak in one unit, and 3 means one in a thousand. "errors": they weigh the errors themselves, mean
        squares in scaled units, as the paper has it.
    span
        Readings that are encoded together: each one with the few before it.
    hidden
        Units of the encoder's first layer, and of the decoder's.
    latent
        Numbers in the representation of a reading. "auto": a quarter of span · channels.
    lstm
        Units of each LSTM layer.

    Notes
    -----
    How rare an error is, is learned from validation windows, or from the training windows where fewer than 50 are held
    out: see :func:`tocsin.detectors._tail.rarity`. A channel's share of a part is its share of the squared error. What
    is expected of a reading is the LSTM's prediction, which has not seen it; with ``beta`` 0 the autoencoder's version.
    """

    default_window: ClassVar[int] = 20
    window_bounds: ClassVar[tuple[int, int]] = (6, 120)
    default_scale: ClassVar[str] = "zscore"
    quick: ClassVar[Mapping[str, Any]] = {"hidden": 32, "lstm": (16,), "epochs": 12, "learning_rate": 5e-3}

    alpha: float = 0.5
    beta: float = 0.5
    combine: Literal["rarity", "errors"] = "rarity"
    span: int = 5
    hidden: int = 64
    latent: int | Literal["auto"] = "auto"
    lstm: tuple[int, ...] = (64, 32)
    max_windows: int = 50_000

    def __post_init__(self) -> None:
        for name in ("alpha", "beta"):
            at_least(name, getattr(self, name), 0)
        if not 0 < self.alpha + self.beta < float("inf"):
            raise SettingError(
                f"alpha is {self.alpha!r} and beta is {self.beta!r}.",
                remedy="Both must be finite, and one of them above 0.",
            )
        one_of("combine", self.combine, ("rarity", "errors"))
        for name in ("span", "hidden"):
            at_least(name, getattr(self, name), 1)
        if self.latent != "auto":
            at_least("latent", self.latent, 1)
        check_units("lstm", self.lstm)
        check_learning(self)

    def fit(self, windows: Windows, *, seed: int) -> Graph:
        """Train both parts on ``windows``, learn how rare their errors are, and write all of it down as a graph."""
        predictable(windows, least=self.span + 1)
        trained = self.trained(windows.every(self.stride), self.plan(seed))
        network = Network(window=windows.length, channels=windows.channels)
        window = bounded(network)
        redrawn, predicted = _versions(network, trained.network, window)
        errors = prediction_error(network, window, redrawn), prediction_error(network, window, predicted)
        curves = _tails(trained.network, windows) if self.combine == "rarity" else None
        shared = _combined(network, errors, (self.alpha, self.beta), curves)
        return network.seal(*shared, expected=predicted if self.beta else redrawn, curves=trained.curves)

    @abstractmethod
    def trained(self, windows: Windows, plan: Plan) -> Trained[TorchNetwork]:
        """Return the network that ``build`` makes, with both of its parts trained."""

    def build(self, channels: int) -> TorchNetwork:
        """Return the network, untrained."""
        from tocsin.detectors._hybrid_network import Hybrid as TorchNetwork

        latent = max(1, self.span * channels // 4) if self.latent == "auto" else self.latent
        return TorchNetwork(channels=channels, span=self.span, hidden=self.hidden, latent=latent, lstm=self.lstm)


def _tails(trained: TorchNetwork, windows: Windows) -> tuple[Curve, Curve]:
    """Return how rare the errors of redrawing and of predicting are among held-out normal readings."""
    held_out = windows.validation
    errors = _last_errors(trained, windows if held_out is None or len(held_out) < _FEWEST_HELD_OUT else held_out)
    return rarity(errors[:, 0]), rarity(errors[:, 1])


def _last_errors(trained: TorchNetwork, windows: Windows) -> FloatArray:
    import torch

    from tocsin.detectors._hybrid_network import last_errors

    chosen = spaced(len(windows), _CALIBRATED)
    parts = np.array_split(chosen, -(-len(chosen) // 1024))
    return np.concatenate([last_errors(trained, torch.from_numpy(windows.take(part))).double() for part in parts])


def _versions(network: Network, trained: TorchNetwork, window: str) -> tuple[str, str]:
    """Add the last reading redrawn, and predicted; each of shape (n, channels)."""
    from tocsin.detectors._forecast_networks import write_following

    code = _two_layers(network, trained.encoder, _patches(network, window, trained.span))
    steps = network.window - trained.span
    newest = network.op("Gather", code, network.integers(steps), attributes={"axis": 1})
    redrawn = _last_columns(network, _two_layers(network, trained.decoder, newest))
    earlier = network.op("Slice", code, *(network.integers([place]) for place in (0, steps, 1)))
    return redrawn, write_following(network, trained.layers, trained.output, earlier)


def _patches(network: Network, window: str, span: int) -> str:
    """Add each reading with those before it; shape (n, window − span + 1, span · channels)."""
    count = network.window - span + 1
    places = network.integers((np.arange(count)[:, None] + np.arange(span)).tolist())
    stacked = network.op("Gather", window, places, attributes={"axis": 1})
    return network.op("Reshape", stacked, network.integers([-1, count, span * network.channels]))


def _two_layers(network: Network, layers: nn.ModuleList, steps: str) -> str:
    from tocsin.detectors._layers import write_dense

    return write_dense(network, layers[1], network.op("Relu", write_dense(network, layers[0], steps)))


def _last_columns(network: Network, patch: str) -> str:
    """Add the last reading of a flat patch; shape (n, channels)."""
    bounds = (network.integers([place]) for place in (-network.channels, np.iinfo(np.int64).max, 1))
    return network.op("Slice", patch, *bounds)


def _combined(
    network: Network, errors: tuple[Shared, Shared], weights: tuple[float, float], curves: tuple[Curve, Curve] | None
) -> Shared:
    """Add A = alpha · first + beta · second, of the errors or of how rare they are, and each channel's share."""
    scores, shares = [], []
    for k, (error, weight) in enumerate(zip(errors, weights, strict=True)):
        column = network.op("Reshape", error.score, network.integers([-1, 1]))
        worth = column if curves is None else rising(network, column, curves[k])
        weighed = network.op("Mul", worth, network.constant(weight))
        part = network.op("Div", error.by_channel, network.op("Max", column, network.constant(1e-30)))
        scores.append(weighed)
        shares.append(network.op("Mul", part, weighed))
    score = network.op("Reshape", network.op("Add", *scores), network.integers([-1]))
    return Shared(score, network.op("Add", *shares))
