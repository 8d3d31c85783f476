"""Spectral residual: what in the last readings stands out from their own spectrum, as the eye would see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.contracts import Detector, Graph
from tocsin.core.errors import InputError, SettingError
from tocsin.core.windows import Windows
from tocsin.detectors._deviation import usual_deviation
from tocsin.detectors._greatest import greatest
from tocsin.detectors._rows import within
from tocsin.detectors._settings import above, at_least, enough
from tocsin.graph.network import Network

_LEAST_SALIENCE = 0.1
"""Least mean saliency to compare with, as a fraction of that of noise: in what hardly moves nothing stands out."""


@dataclass(frozen=True, kw_only=True)
class SpectralResidual(Detector):
    """Spectral residual: how much the last reading stands out from the rhythm of its own window.

    Ren et al. (2019, "Time-series anomaly detection service at Microsoft"): each channel's logarithmic amplitude
    spectrum, less its average over ``smoothing`` neighbours, is transformed back; what is left, the saliency S, is high
    where something breaks the rhythm. A few readings, foretold from those before the last one, are put behind it, so
    that it does not lie at the edge. The score is the greatest, over the channels, of the last reading's S ÷ the mean S
    of the ``compared`` readings before it (the paper's equation 9, plus 1, so that it is not negative); a channel's
    share goes by the square of its own. Nothing but the unit is learned: it works from the first window, finds spikes
    and steps, and forgets what lasts.

    Parameters
    ----------
    smoothing
        Neighbouring frequencies over which the spectrum is averaged; the paper's q.
    compared
        Readings before the last with which it is compared, at most; the paper's z.
    foretold
        Readings put behind the last one; the paper's κ.
    gradient
        Readings whose slopes foretell those; the paper's m.
    floor
        Least amplitude, as a fraction of that of noise with the channel's usual deviation: below it there is no
        spectrum but rounding.

    Examples
    --------
    >>> SpectralResidual(foretold=3).default_window
    40
    """

    default_window: ClassVar[int] = 40
    window_bounds: ClassVar[tuple[int, int]] = (7, 120)
    default_scale: ClassVar[str] = "zscore"
    random: ClassVar[bool] = False

    smoothing: int = 3
    compared: int = 21
    foretold: int = 5
    gradient: int = 5
    floor: float = 0.01

    def __post_init__(self) -> None:
        for name in ("smoothing", "compared", "gradient"):
            at_least(name, getattr(self, name), 1)
        at_least("foretold", self.foretold, 0)
        if self.smoothing % 2 == 0:
            raise SettingError(f"smoothing is {self.smoothing}.", remedy="It must be odd, to reach as far up as down.")
        above("floor", self.floor, 0)

    def fit(self, windows: Windows, *, seed: int) -> Graph:  # noqa: ARG002  # nothing here is random
        """Learn each channel's unit from ``windows``; the rest is matrix products."""
        enough(windows)
        least = self.gradient + 2
        if windows.length < least:
            raise InputError(
                f"A spectrum needs a window of at least {least} readings, not {windows.length}.",
                remedy="Give a longer one with --window.",
            )
        network = Network(window=windows.length, channels=windows.channels)
        values = within(network, network.input, unit=usual_deviation(windows))
        by_channel = network.op("Transpose", values, attributes={"perm": [0, 2, 1]})
        compared = min(self.compared, windows.length - 1)
        salience = self._salience(network, by_channel, compared + 1)
        # The residual spectrum of noise has amplitudes of about 1, and so its saliency is about 1 / √length.
        least = _LEAST_SALIENCE / np.sqrt(windows.length + self.foretold)
        return network.seal(*greatest(network, _last_to_mean(network, salience, compared + 1, least)))

    def _salience(self, network: Network, by_channel: str, readings: int) -> str:
        """Add S of the window's last ``readings``; shape (n, channels, readings)."""
        longer = extended(network.window, foretold=self.foretold, gradient=self.gradient)
        length, kept = len(longer), slice(network.window - readings, network.window)
        transform = spectrum(length)
        found = [network.op("MatMul", by_channel, network.constant(longer.T @ part)) for part in transform]
        gain = self._gain(network, found, length)
        # Back in time; what is imaginary cancels, because the gain is the same for both halves of the spectrum.
        parts = [
            network.op("MatMul", network.op("Mul", part, gain), network.constant(matrix[:, kept] / length))
            for part, matrix in zip(found, transform, strict=True)
        ]
        return network.op("Abs", network.op("Add", *parts))

    def _gain(self, network: Network, found: list[str], length: int) -> str:
        """Add what each frequency is multiplied by, shape (n, channels, length).

        exp(log A − average + i · phase) is the spectrum · exp(−average), and exp(−average) the product of powers of the
        neighbours' squared amplitudes. So it takes no angle, and no ``Log``, which rounds differently in other company.
        """
        squares = network.op("Add", *(network.op("Mul", part, part) for part in found))
        # The mean square of a frequency of noise with deviation 1 is ``length``.
        held = network.op("Max", squares, network.constant(self.floor**2 * length))
        power = network.op("Pow", held, network.constant(-0.5 / self.smoothing))
        gain = power
        for shift in range(1, self.smoothing // 2 + 1):
            for place in (shift, -shift):
                rolled = network.integers(np.roll(np.arange(length), place).tolist())
                gain = network.op("Mul", gain, network.op("Gather", power, rolled, attributes={"axis": 2}))
        return gain


def extended(length: int, *, foretold: int, gradient: int) -> FloatArray:
    """Return the matrix of shape (length + foretold, length) that puts foretold readings behind a window.

    They all lie where the mean slope from ``gradient`` readings to the last but one leads (the paper's equations 7 and
    8; the last one itself is left out, as in the authors' code, lest a spike hide behind a greater one).

    >>> (extended(4, foretold=2, gradient=2) @ [0, 1, 2, 9]).tolist()
    [0.0, 1.0, 2.0, 9.0, 3.0, 3.0]
    """
    last, following = length - 2, np.zeros(length)
    following[last - gradient + 1] += 1
    for back in range(1, gradient + 1):
        following[last] += 1 / back
        following[last - back] -= 1 / back
    return np.concatenate([np.eye(length), np.tile(following, (foretold, 1))])


def spectrum(length: int) -> tuple[FloatArray, FloatArray]:
    """Return real and imaginary part of the discrete Fourier transform, two symmetric matrices of that size."""
    angle = 2 * np.pi * (np.outer(np.arange(length), np.arange(length)) % length) / length
    return np.cos(angle), -np.sin(angle)


def _last_to_mean(network: Network, salience: str, readings: int, least: float) -> str:
    """Add the last of each channel's ``readings`` values over the mean of those before it; shape (n, channels)."""
    mean = np.append(np.full(readings - 1, 1 / (readings - 1)), 0)[:, None]
    before = network.op("Max", network.op("MatMul", salience, network.constant(mean)), network.constant(least))
    last = network.op("Gather", salience, network.integers([readings - 1]), attributes={"axis": 2})
    return network.op("Reshape", network.op("Div", last, before), network.integers([-1, network.channels]))
