"""The same networks in Keras, converted to LiteRT, run by a Python that has TensorFlow and LiteRT and not tocsin.

Called as ``python edge_lite_side.py lite SETTINGS``, with settings in JSON; the last line printed is the answer.
Layers are unrolled over time, which is what LiteRT runs fastest: with a loop in it, it takes three times as long.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import keras  # type: ignore[import-not-found]  # lives in an environment of its own
import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]  # lives in an environment of its own
from ai_edge_litert.interpreter import Interpreter  # type: ignore[import-not-found]  # likewise
from tensorflow.python.framework.convert_to_constants import (  # type: ignore[import-untyped]  # likewise
    convert_variables_to_constants_v2 as frozen,
)

CHANNELS, WARM_UP, LEAST = 5, 100, 1e-3
layers = keras.layers


def lite(settings: dict[str, Any]) -> dict[str, Any]:
    """Microseconds for one window and its error, in float32 or int8; and what the network makes of the first window."""
    model, weights = _model(settings), _weights(settings["weights"])
    for layer, own in zip((layer for layer in model.layers if layer.weights), weights, strict=True):
        layer.set_weights(own)
    given = np.random.default_rng(0).random((256, settings["window"], CHANNELS), np.float32)
    content = _converted(model, given, whole_numbers=settings["int8"])
    run = Interpreter(model_content=content, num_threads=1)
    run.allocate_tensors()
    into, out = run.get_input_details()[0]["index"], run.get_output_details()[0]["index"]

    def made(window: Any) -> Any:
        run.set_tensor(into, window)
        run.invoke()
        return run.get_tensor(out)

    took = []
    for k in range(settings["calls"] + WARM_UP):
        window = given[k % 256][None]
        began = time.perf_counter()
        result = made(window)
        if result.ndim == 3:
            np.mean((window - result) ** 2)
        took.append(1e6 * (time.perf_counter() - began))
    p50, p99 = np.percentile(took[WARM_UP:], [50, 99])
    first = made(given[:1]).flatten()[:8].tolist()
    return {"p50": float(p50), "p99": float(p99), "bytes": len(content), "made": first}


def _converted(model: Any, given: Any, *, whole_numbers: bool) -> bytes:
    shape = tf.TensorSpec((1, *given.shape[1:]), tf.float32)
    traced = frozen(tf.function(model, input_signature=[shape]).get_concrete_function())
    converter = tf.lite.TFLiteConverter.from_concrete_functions([traced])
    if whole_numbers:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([window[None]] for window in given)
    content: bytes = converter.convert()
    return content


def _weights(path: str) -> Iterator[list[Any]]:
    """Yield each layer's weights as Keras keeps them, from those that PyTorch has."""
    with np.load(path) as held:
        named = [(name.split("_")[0], name.split("_")[1], held[name]) for name in held.files]
    for _, group in itertools.groupby(named, key=lambda entry: entry[0]):
        entries = list(group)
        kind, arrays = entries[0][1], [array for _, _, array in entries]
        if kind == "LSTM":
            yield [arrays[0].T, arrays[1].T, arrays[2] + arrays[3]]
        elif kind == "Conv1d":
            yield [arrays[0].transpose(2, 1, 0), arrays[1]]
        else:
            yield [arrays[0].T, arrays[1]]


def _model(settings: dict[str, Any]) -> Any:
    return {"lstm_autoencoder": _lstm, "cnn_autoencoder": _cnn, "student": _student}[settings["network"]](settings)


def _lstm(settings: dict[str, Any]) -> Any:
    def layer(units: int, *, every: bool) -> Any:
        return layers.LSTM(units, return_sequences=every, unroll=True)

    parts = [layer(64, every=True), layer(32, every=False), layers.RepeatVector(settings["window"])]
    parts += [layer(32, every=True), layer(64, every=True), layers.Dense(CHANNELS)]
    return keras.Sequential([keras.Input((settings["window"], CHANNELS), batch_size=1), *parts])


def _conv(steps: Any, filters: int, kernel: int, *, stride: int = 1, activation: str | None = "elu") -> Any:
    """Return a convolution padded on both sides alike, as PyTorch does it."""
    padded = layers.ZeroPadding1D(kernel // 2)(steps) if kernel > 1 else steps
    return layers.Conv1D(filters, kernel, strides=stride, activation=activation)(padded)


def _cnn(settings: dict[str, Any]) -> Any:
    given = keras.Input((settings["window"], CHANNELS), batch_size=1)
    steps = _conv(_conv(given, 32, 5, stride=2), 32, 5, stride=2)
    steps = _conv(steps, 3, 1, activation=None)
    for filters in (32, 32):
        steps = _conv(layers.UpSampling1D(2)(steps), filters, 5)
    return keras.Model(given, _conv(steps, CHANNELS, 5, activation=None))


def _student(settings: dict[str, Any]) -> Any:
    """Convolutions that halve the window, and two dense layers that see statistics and the last reading beside them."""
    with np.load(settings["weights"]) as held:
        sizes = [(name.split("_")[1], held[name].shape) for name in held.files if name.endswith("_0")]
    given = keras.Input((settings["window"], CHANNELS), batch_size=1)
    steps = given
    for kind, (filters, _, *kernel) in sizes:
        if kind == "Conv1d":
            steps = _conv(steps, filters, kernel[0], stride=2, activation="relu")
    flat = layers.Flatten()(layers.Permute((2, 1))(steps))
    both = layers.Concatenate()([flat, Statistics()(given), given[:, -1]])
    units = [shape[0] for kind, shape in sizes if kind == "Linear"]
    return keras.Model(given, layers.Dense(units[1])(layers.Dense(units[0], activation="relu")(both)))


class Statistics(layers.Layer):  # type: ignore[misc]  # Keras leaves it untyped
    """Mean, deviation, steps and distance of the last reading, over the last 2, 4, 8, … readings and all of them."""

    def call(self, windows: Any) -> Any:
        window, turned = windows.shape[1], tf.transpose(windows, (0, 2, 1))
        spans = [*(2**k for k in range(1, window.bit_length()) if 2**k < window), window]
        mean = _over(turned, spans)
        spread = tf.nn.relu(_over(turned * turned, spans) - mean * mean)
        steps = turned[:, :, 1:] - turned[:, :, :-1]
        jumps = _over(steps * steps, [max(span - 1, 1) for span in spans])
        away = tf.abs(turned[:, :, -1:] - mean)
        parts = (mean, tf.sqrt(spread + LEAST), tf.sqrt(jumps + LEAST), away)
        return tf.concat([tf.reshape(part, (1, CHANNELS * len(spans))) for part in parts], axis=1)


def _over(turned: Any, spans: list[int]) -> Any:
    """Return means over the last steps, as one product, which is how the graph has them."""
    lasts = np.arange(turned.shape[2])[:, None] >= turned.shape[2] - np.array(spans)
    return turned @ tf.constant(lasts / lasts.sum(axis=0), tf.float32)


def versions() -> dict[str, str]:
    from importlib.metadata import version

    return {"keras": keras.__version__, "tensorflow": tf.__version__, "ai-edge-litert": version("ai-edge-litert")}


if __name__ == "__main__":
    answer = {"lite": lite}[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": versions()}))
