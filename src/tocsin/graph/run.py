"""Running graphs: the one place that touches ONNX Runtime, and so the one place where batch and stream could differ.

Sessions use one thread and do not spin; large batches are split over one pool that all graphs of the process share.
That is faster than ONNX Runtime's own threading, and leaves an idle machine idle.
"""

from __future__ import annotations

import itertools
from typing import cast

import numpy as np
import onnxruntime

from tocsin.core.arrays import Float32Array
from tocsin.core.errors import ArtifactError
from tocsin.core.scores import Scores
from tocsin.graph._pool import cores, pool
from tocsin.graph.signature import BY_CHANNEL, EXPECTED, INPUT, SCORE

SMALLEST_SPLIT = 64
"""Batches below this run in the calling thread: handing them over would cost more than it saves."""

LARGEST_CHUNK = 256
"""Windows that one thread takes at a time: the intermediate results of so many still fit into its cache."""

_LOG_FATAL = 4


class Runner:
    """A graph that is ready to score windows; the same window gets the same bits in whatever company it comes.

    May be called from several threads at once.

    Parameters
    ----------
    onnx
        The serialised graph.

    Attributes
    ----------
    window, channels : int
        The shape of the windows that the graph takes.
    attributes, expects : bool
        Does the graph tell each channel's share, and what it expected?

    Raises
    ------
    ArtifactError
        If it is no ONNX graph, or one with another signature than tocsin's.
    """

    def __init__(self, onnx: bytes) -> None:
        self._session = _session(onnx)
        self.window, self.channels = _input_shape(self._session)
        self._outputs = _outputs(self._session, self.channels)
        self.attributes, self.expects = BY_CHANNEL in self._outputs, EXPECTED in self._outputs

    def __call__(self, windows: Float32Array) -> Scores:
        """Score windows.

        Parameters
        ----------
        windows
            ndarray of shape (n, window, channels), float32, n ≥ 0; a strided view will do, it is copied chunk by chunk.
        """
        if windows.ndim != 3 or windows.shape[1:] != (self.window, self.channels):
            raise ValueError(f"windows have shape {windows.shape}, expected (n, {self.window}, {self.channels})")
        if len(windows) == 0:
            return self._empty()
        if len(windows) < SMALLEST_SPLIT:
            return self._run(windows)
        return self._run_in_chunks(windows)

    def _run(self, windows: Float32Array) -> Scores:
        feed = {INPUT: np.ascontiguousarray(windows, np.float32)}
        found = cast(list[Float32Array], self._session.run(self._outputs, feed))
        return Scores(**dict(zip(self._outputs, found, strict=True)))

    def _run_in_chunks(self, windows: Float32Array) -> Scores:
        whole = self._blank(len(windows))

        def run(start: int, stop: int) -> None:
            part = self._run(windows[start:stop])
            whole.score[start:stop] = part.score
            for name in self._outputs:
                getattr(whole, name)[start:stop] = getattr(part, name)

        cuts = _cuts(len(windows))
        for done in [pool().submit(run, start, stop) for start, stop in itertools.pairwise(cuts)]:
            done.result()
        return whole

    def _blank(self, rows: int) -> Scores:
        shapes = {name: (rows,) if name == SCORE else (rows, self.channels) for name in self._outputs}
        return Scores(**{name: np.empty(shape, np.float32) for name, shape in shapes.items()})

    def _empty(self) -> Scores:
        return self._blank(0)


def _cuts(rows: int) -> list[int]:
    pieces = max(-(-rows // LARGEST_CHUNK), cores())
    return [rows * k // pieces for k in range(pieces + 1)]


def _session(onnx: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = _LOG_FATAL
    try:
        return onnxruntime.InferenceSession(onnx, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's many exception classes share no public base
        raise ArtifactError(
            f"The graph cannot be loaded: {_first_line(error)}",
            remedy="It is damaged or too new for the installed onnxruntime: try a newer one, or train again.",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]


def _input_shape(session: onnxruntime.InferenceSession) -> tuple[int, int]:
    inputs = {node.name: node for node in session.get_inputs()}
    if set(inputs) != {INPUT}:
        raise _foreign(f"its inputs are {sorted(inputs)}, expected ['{INPUT}']")
    shape, kind = inputs[INPUT].shape, inputs[INPUT].type
    if kind != "tensor(float)":
        raise _foreign(f"its input is a {kind}, expected a tensor(float)")
    fixed = len(shape) == 3 and all(isinstance(size, int) and size > 0 for size in shape[1:])
    if not fixed or isinstance(shape[0], int):
        raise _foreign(f"its input has shape {shape}, expected (n, window, channels) with only n free")
    return shape[1], shape[2]


def _outputs(session: onnxruntime.InferenceSession, channels: int) -> list[str]:
    outputs = {node.name: node for node in session.get_outputs()}
    if SCORE not in outputs or set(outputs) - {SCORE, BY_CHANNEL, EXPECTED}:
        raise _foreign(
            f"its outputs are {sorted(outputs)}, expected '{SCORE}' and perhaps '{BY_CHANNEL}' and '{EXPECTED}'"
        )
    for name, node in outputs.items():
        expected = [] if name == SCORE else [channels]
        if node.type != "tensor(float)" or len(node.shape) == 0 or node.shape[1:] != expected:
            raise _foreign(f"its output '{name}' is a {node.type} of shape {node.shape}")
    return [name for name in (SCORE, BY_CHANNEL, EXPECTED) if name in outputs]


def _foreign(why: str) -> ArtifactError:
    return ArtifactError(f"The graph is not one of tocsin's: {why}.", remedy="Train it again with: tocsin fit")
