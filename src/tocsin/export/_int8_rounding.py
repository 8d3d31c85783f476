"""Rounding weights to 8 bits so that the layer, not each weight, comes out as it was on normal readings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import Float32Array, FloatArray

REACH = 127
"""Whole numbers go from −127 to 127, so that nought is among them and both sides are alike."""

_DAMPING = 0.01
"""Share of the mean square of the inputs that is added to each: what hardly moves must not be made up for elsewhere."""

_LEAST_HALF, _MOST_HALF = 1e-4, 1e4
"""Between these half precision has all of its 11 bits."""


class Rounded(NamedTuple):
    """Weights as whole numbers: weight ≈ code · step."""

    code: npt.NDArray[np.int8]
    """Shape (outputs, inputs)."""
    step: Float32Array
    """Shape (outputs,): the difference between two neighbouring weights."""

    @property
    def half(self) -> bool:
        """True if half precision holds the steps as they are."""
        with np.errstate(over="ignore"):
            return bool(np.all(self.step.astype(np.float16) == self.step))


def steps(weight: Float32Array, *, reach: int = REACH) -> Float32Array:
    """Return the step of each output of ``weight``, shape (outputs, inputs): its greatest weight becomes ``reach``.

    Steps are rounded up to half precision where that holds them well: in a small layer they take as much room as the
    weights do, and weights are counted in whatever the step is.

    >>> steps(np.array([[1.27, -0.5], [0.0, 0.0]], np.float32)).tolist()
    [0.01000213623046875, 1.0]
    """
    greatest = np.abs(weight).max(axis=1)
    exact = np.where(greatest > 0, greatest / np.float32(reach), np.float32(1)).astype(np.float32)
    if np.any(exact < _LEAST_HALF) or np.any(exact > _MOST_HALF):
        return exact
    half = exact.astype(np.float16)
    return np.where(half < exact, np.nextafter(half, np.float16(np.inf)), half).astype(np.float32)


def rounded(weight: Float32Array, seen: Float32Array | None = None, *, reach: int = REACH) -> Rounded:
    """Round ``weight`` to 8 bits, each output with a step of its own.

    Where it is known what the layer is fed with, weights are rounded one input after the other, and what was lost is
    made up for in the inputs that are still to come: what they have in common with it on normal readings (Frantar et
    al. 2023, "GPTQ: accurate post-training quantization for generative pre-trained transformers", algorithm 1, in
    float64, without its grouping, and the inputs that move most first).

    Parameters
    ----------
    weight
        ndarray of shape (outputs, inputs), float32.
    seen
        ndarray of shape (m, inputs), float32: what the layer is fed with on normal readings; None for plain rounding.
    reach
        The greatest whole number.

    Examples
    --------
    >>> found = rounded(np.array([[1.27, 0.012]], np.float32))
    >>> found.code.tolist(), float(found.step[0])
    ([[127, 1]], 0.01000213623046875)
    """
    step = steps(weight, reach=reach)
    if seen is None or not len(seen):
        code = np.rint(weight / step[:, None])
    else:
        code = _made_up(weight.astype(np.float64), step.astype(np.float64), seen.astype(np.float64), reach)
    return Rounded(np.clip(code, -reach, reach).astype(np.int8), step)


def _made_up(weight: FloatArray, step: FloatArray, seen: FloatArray, reach: int) -> FloatArray:
    products = seen.T @ seen / len(seen)
    # what counts most is rounded first, while much is left to make up for it with
    order = np.argsort(-np.diag(products), kind="stable")
    root, left, code = _inverse_root(products[np.ix_(order, order)]), weight[:, order], np.empty_like(weight)
    for k, place in enumerate(order):
        code[:, place] = np.clip(np.rint(left[:, k] / step), -reach, reach)
        lost = (left[:, k] - code[:, place] * step) / root[k, k]
        left[:, k + 1 :] -= lost[:, None] * root[k, k + 1 :]
    return code


def _inverse_root(products: FloatArray) -> FloatArray:
    """Return the upper Cholesky factor of the inverse of the inputs' products, shape (inputs, inputs)."""
    mean = float(np.mean(np.diag(products))) or 1.0
    inverse = np.linalg.inv(products + _DAMPING * mean * np.eye(len(products)))
    return np.asarray(np.linalg.cholesky((inverse + inverse.T) / 2).T)
