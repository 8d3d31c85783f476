"""A foreign model inside a graph of the project: windows as it wants them go in, and a score comes out."""

from __future__ import annotations

from math import prod

import numpy as np

from tocsin.core.arrays import IntArray
from tocsin.core.contracts import Graph
from tocsin.graph.graft import graft
from tocsin.graph.network import Network
from tocsin.graph.shares import mean_squared_error
from tocsin.training.adopt._trial import Tried
from tocsin.training.adopt.foreign import Foreign
from tocsin.training.adopt.refusal import RefusalError

_FLOAT, _DOUBLE, _HALF = 1, 11, 10
_NUMBERS = {"float32": _FLOAT, "float64": _DOUBLE, "float16": _HALF}
"""ONNX's numbers of the types."""


def grafted(tried: Tried, foreign: Foreign, *, order: IntArray) -> Graph:
    """Return the graph that scores windows of the readings' own channels, in the units the model was trained on.

    Parameters
    ----------
    tried
        The model, and how windows go in.
    foreign
        What it gives, and what that is judged by.
    order
        ndarray of shape (channels,), int64: for each channel that goes in, its place in the readings.

    Raises
    ------
    RefusalError
        If what it gives is of another shape than it should be.
    """
    channels, taken = len(order), tried.arrangement.window
    _check(tried, foreign, channels)
    ahead = foreign.gives == "forecast"
    network = Network(window=taken + ahead, channels=channels)
    ordered = network.op("Gather", network.input, network.integers(order.tolist()), attributes={"axis": 2})
    given = _first(network, ordered, taken) if ahead else ordered
    found = _run(network, tried, given)
    if foreign.gives == "score":
        flat = network.op("Reshape", found, network.integers([-1]))
        return network.seal(network.op("Neg", flat) if foreign.negate else flat)
    last = _last(network, ordered, taken + ahead)
    if ahead:
        expected = network.op("Reshape", found, network.integers([-1, channels]))
        shared = mean_squared_error(network, last, expected, steps=1)
    else:
        redrawn = _as_window(network, found, tried)
        expected = _last(network, redrawn, taken)
        pair = (ordered, redrawn) if foreign.score == "mean" else (last, expected)
        shared = mean_squared_error(network, *pair, steps=taken if foreign.score == "mean" else 1)
    back = network.integers(np.argsort(order).tolist())
    own, told = (network.op("Gather", name, back, attributes={"axis": 1}) for name in (shared.by_channel, expected))
    return network.seal(shared.score, own, expected=told)


def _check(tried: Tried, foreign: Foreign, channels: int) -> None:
    taken = tried.arrangement
    sizes = {"reconstruction": taken.window * channels, "forecast": channels, "score": 1}
    wanted = {"reconstruction": "the window again", "forecast": "a value for each channel", "score": "one number"}
    if prod(tried.result) != sizes[foreign.gives]:
        shape = " × ".join(map(str, tried.result)) or "one number"
        raise RefusalError(
            f"For one window it gives {shape}, and a {foreign.gives} is {wanted[foreign.gives]}: "
            f"{sizes[foreign.gives]} numbers.",
            remedy="Say what it gives with --gives reconstruction, forecast or score.",
        )


def _run(network: Network, tried: Tried, given: str) -> str:
    """Add the model, with windows turned as it wants them, in the precision it wants."""
    arranged, kind = given, tried.model.kind
    if tried.arrangement.layout == "ncw":
        arranged = network.op("Transpose", given, attributes={"perm": [0, 2, 1]})
    elif tried.arrangement.layout == "flat":
        values = tried.arrangement.window * network.channels
        arranged = network.op("Reshape", given, network.integers([-1, values]))
    if kind != "float32":
        arranged = network.op("Cast", arranged, attributes={"to": _NUMBERS[kind]})
    found = graft(network, Graph(tried.model.onnx), arranged).score
    return found if tried.model.gives == "float32" else network.op("Cast", found, attributes={"to": _FLOAT})


def _as_window(network: Network, found: str, tried: Tried) -> str:
    """Turn a reconstruction back into a window."""
    window, channels = tried.arrangement.window, network.channels
    if tried.arrangement.layout == "ncw" and len(tried.result) > 1:
        return network.op("Transpose", found, attributes={"perm": [0, 2, 1]})
    return network.op("Reshape", found, network.integers([-1, window, channels]))


def _first(network: Network, window: str, taken: int) -> str:
    places = network.integers(list(range(taken)))
    return network.op("Gather", window, places, attributes={"axis": 1})


def _last(network: Network, window: str, length: int) -> str:
    last = network.op("Gather", window, network.integers([length - 1]), attributes={"axis": 1})
    return network.op("Reshape", last, network.integers([-1, network.channels]))
