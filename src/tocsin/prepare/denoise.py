"""Denoising with wavelets: what is left of a channel without its finest, fastest details."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray, frozen
from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.prepare._columns import LARGEST
from tocsin.prepare._feature import C, Feature, whole

_DEEPEST = 10
"""Levels beyond which a filter looks back on more readings than make sense."""

_EXAMPLE = "denoise:db4,2"


@dataclass(frozen=True)
class Denoise(Feature):
    """Denoise: puts each value without its finest wavelet details in the value's place.

    Parameters
    ----------
    wavelet
        Name of an orthogonal or biorthogonal wavelet, as PyWavelets spells it: "haar", "db4", "sym8", "bior2.2".
    level
        How many levels of detail are left out, from 1 to 10; each is twice as coarse as the one before.

    Notes
    -----
    The readings up to this one are decomposed (Mallat 1989, "A theory for multiresolution signal decomposition", with
    PyWavelets), the finest ``level`` bands of detail are set to 0, the rest is put together again, and its last value
    taken. Beyond that last value there is only what came before, mirrored (PyWavelets' mode "symmetric"), so nothing
    later is used. The result is a fixed weighted sum of the last (filter length − 1) · (2^level − 1) + 1 readings. A
    level that stands still passes unchanged. As every value lies at the edge of what is known, less noise is removed
    than where both sides are: of white noise's deviation, "db4,2" leaves 65 %, where 50 % are left with both sides.

    Examples
    --------
    >>> Denoise("haar", 1).weights()
    array([0.5, 0.5])
    """

    replaces: ClassVar[bool] = True

    wavelet: str = "db4"
    level: int = 2

    def __post_init__(self) -> None:
        known = _pywt().wavelist(kind="discrete")
        if self.wavelet not in known:
            raise SettingError(
                f"denoise: there is no wavelet {self.wavelet!r}.",
                remedy=f"Choose one of: {', '.join(known)}. For example: --prepare {_EXAMPLE}",
            )

    @classmethod
    def parse(cls, text: str) -> Denoise:
        """Return the step written as in "denoise", "denoise:sym4" or "denoise:db4,2"."""
        wavelet, comma, level = text.partition(",")
        return cls(
            wavelet.strip() or cls.wavelet,
            whole(level, written=f"denoise:{text}", least=1, most=_DEEPEST, example=_EXAMPLE) if comma else cls.level,
        )

    @property
    def reach(self) -> int:
        """How many readings before a reading it looks back on."""
        return int((_pywt().Wavelet(self.wavelet).dec_len - 1) * (2**self.level - 1))

    def weights(self) -> FloatArray:
        """Return what a reading and those before it are multiplied by, oldest first; they sum up to 1."""
        return _last_row(self.wavelet, self.level, self.reach + 1)

    def columns(self, values: C) -> tuple[C, ...]:
        """Return the denoised values."""
        return (values.within(LARGEST).weighed(self.weights()),)

    def undone(self, expected: C, values: C) -> C:  # noqa: ARG002  # they are of one size
        """Return what is expected of the value without its noise, which is all that can be expected of it."""
        return expected


@cache
def _last_row(wavelet: str, level: int, readings: int) -> FloatArray:
    """Return how the last denoised value is made of so many readings.

    The stretch is taken twice as long as it need be and of a whole number of the coarsest steps: then nothing in it
    depends on where it begins.
    """
    pywt, step = _pywt(), 2**level
    length = step * -(-2 * readings // step)
    bands = pywt.wavedec(np.eye(length), wavelet, mode="symmetric", level=level, axis=1)
    kept = [bands[0], *(np.zeros_like(band) for band in bands[1:])]
    row = pywt.waverec(kept, wavelet, mode="symmetric", axis=1)[:, length - 1]
    return frozen(np.asarray(row[-readings:], np.float64))


def _pywt() -> Any:
    try:
        import pywt  # type: ignore[import-untyped]  # PyWavelets ships no types
    except ImportError as error:
        raise MissingExtraError("The prepare step denoise", extra="train", library="PyWavelets") from error
    return pywt
