"""The reference network in Keras, run by a Python that has TensorFlow and not tocsin.

Called as ``python keras_side.py TASK SETTINGS``, with settings in JSON; the last line printed is the answer in JSON.
"""

from __future__ import annotations

import collections
import json
import sys
import time
from typing import Any

import keras  # type: ignore[import-not-found]  # lives in an environment of its own
import numpy as np
import tensorflow as tf  # type: ignore[import-untyped]  # lives in an environment of its own

WINDOW, CHANNELS = 10, 5


def network() -> Any:
    """The two-layer LSTM autoencoder, 64-32 | 32-64, as the first paper builds it: 63,813 parameters."""
    model = keras.Sequential(
        [
            keras.Input((WINDOW, CHANNELS)),
            keras.layers.LSTM(64, return_sequences=True),
            keras.layers.LSTM(32),
            keras.layers.RepeatVector(WINDOW),
            keras.layers.LSTM(32, return_sequences=True),
            keras.layers.LSTM(64, return_sequences=True),
            keras.layers.TimeDistributed(keras.layers.Dense(CHANNELS)),
        ]
    )
    assert model.count_params() == 63_813
    return model


def windows(rows: int) -> Any:
    return np.random.default_rng(0).random((rows, WINDOW, CHANNELS), np.float32)


def batch(settings: dict[str, Any]) -> dict[str, Any]:
    """Windows a second from ``predict`` to the score, for each number of windows asked for."""
    model, size = network(), settings["batch_size"]
    answer = {}
    for rows in settings["windows"]:
        given = windows(rows)
        # Keras traces its graph anew for the last, smaller batch: that is no part of its speed.
        model.predict(given[: size + rows % size], batch_size=size, verbose=0)
        started = time.perf_counter()
        np.mean((given - model.predict(given, batch_size=size, verbose=0)) ** 2, axis=(1, 2))
        answer[str(rows)] = rows / (time.perf_counter() - started)
    return answer


def latency(settings: dict[str, Any]) -> dict[str, Any]:
    """Milliseconds for the score of one window, with ``predict`` and with a traced call."""
    model = network()
    call = tf.function(model, input_signature=[tf.TensorSpec((1, WINDOW, CHANNELS), tf.float32)])
    return {
        **timed("predict", lambda window: model.predict(window, verbose=0), settings["predict_calls"]),
        **timed("function", lambda window: call(tf.constant(window)).numpy(), settings["function_calls"]),
    }


def timed(name: str, reconstruct: Any, calls: int) -> dict[str, float]:
    given, took = windows(calls + 10), []
    for k in range(calls + 10):
        window = given[k : k + 1]
        started = time.perf_counter()
        np.mean((window - reconstruct(window)) ** 2)
        took.append(1000 * (time.perf_counter() - started))
    p50, p95 = np.percentile(took[10:], [50, 95])
    return {f"{name}_p50": float(p50), f"{name}_p95": float(p95)}


def messages(settings: dict[str, Any]) -> dict[str, Any]:
    """Readings a second where each message is scored by itself, as tutorials do it: with ``predict``, and traced."""
    model = network()
    call = tf.function(model, input_signature=[tf.TensorSpec((1, WINDOW, CHANNELS), tf.float32)])
    return {
        "predict_s": _each(lambda window: model.predict(window, verbose=0), settings["predict_readings"]),
        "function_s": _each(lambda window: call(tf.constant(window)).numpy(), settings["function_readings"]),
    }


def _each(reconstruct: Any, readings: int) -> float:
    """Parse each message, move its device's window on, and score that window."""
    values = np.random.default_rng(0).random((readings + WINDOW, CHANNELS), np.float32).tolist()
    came = [json.dumps({"device": "room-1", "values": row}) for row in values]
    recent: dict[str, collections.deque[Any]] = {}
    for k, text in enumerate(came):
        if k == WINDOW:
            started = time.perf_counter()
        message = json.loads(text)
        window = recent.setdefault(message["device"], collections.deque(maxlen=WINDOW))
        window.append(message["values"])
        if len(window) == WINDOW:
            given = np.array(window, np.float32)[None]
            np.mean((given - reconstruct(given)) ** 2)
    return readings / (time.perf_counter() - started)


class Stopwatch(keras.callbacks.Callback):  # type: ignore[misc]  # Keras leaves it untyped
    """Seconds since the start, and the validation loss, after every epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.course: list[tuple[float, float]] = []
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002  # Keras calls it so
        self.course.append((time.perf_counter() - self.started, float(logs["val_loss"])))


def train(settings: dict[str, Any]) -> dict[str, Any]:
    """Train with Keras' defaults: Adam, mean squared error, batches of 32."""
    with np.load(settings["file"]) as held:
        training, validation = held["training"], held["validation"]
    keras.utils.set_random_seed(settings["seed"])
    model = network()
    model.compile(optimizer="adam", loss="mse")
    watch = Stopwatch()
    model.fit(
        training,
        training,
        validation_data=(validation, validation),
        epochs=settings["epochs"],
        verbose=0,
        callbacks=[watch],
    )
    return {"course": watch.course}


if __name__ == "__main__":
    tasks = {"batch": batch, "latency": latency, "messages": messages, "train": train}
    answer = tasks[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps({**answer, "versions": {"keras": keras.__version__, "tensorflow": tf.__version__}}))
