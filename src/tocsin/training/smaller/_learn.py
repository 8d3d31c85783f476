"""How a student learns from its teacher's answers: what is compared, and the training itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from tocsin.core.arrays import Float32Array, FloatArray
from tocsin.core.windows import Windows
from tocsin.detectors.learning.networks import Plan, Trained, train
from tocsin.training.smaller._answers import CUT, Answers
from tocsin.training.smaller._pupil import Pupil

SMALLEST = 0.01
"""Scores are compared by their logarithm; what is this share of the limit, or less, is all the same."""

_OF_SHARES, _OF_EXPECTED = 0.2, 0.1
"""How much shares and expectations count beside scores."""

_FINER = 5
"""The last quarter of the epochs is learned in steps so many times smaller."""


def learn(
    build: Callable[[], Pupil],
    lessons: tuple[tuple[Float32Array, Answers], tuple[Float32Array, Answers]],
    *,
    owners: FloatArray,
    plan: Plan,
) -> Trained[Pupil]:
    """Train a student.

    Parameters
    ----------
    build
        Makes it, untrained.
    lessons
        Scaled windows of shape (n, window, columns) with the teacher's answers: to learn from, and to stop by.
    owners
        ndarray of shape (columns, channels): which channel each column comes from.
    plan
        The settings of the training.
    """
    (seen, answers), later = lessons
    packed = [_packed(*each) for each in (lessons[0], later)]
    windows = Windows(packed[0], _ends(packed[0], len(seen)), len(packed[0]) // len(seen))
    held_out = Windows(packed[1], _ends(packed[1], len(later[0])), windows.length)
    windows = Windows(windows.series, windows.end, windows.length, validation=held_out)
    loss = _loss(seen.shape[1], answers, torch.from_numpy(owners.astype(np.float32)))
    coarse = train(build, loss, windows, plan=plan)
    fine = replace(plan, learning_rate=plan.learning_rate / _FINER, epochs=-(-plan.epochs // 3))
    found = train(lambda: coarse.network, loss, windows, plan=fine)
    return Trained(found.network, {name: curve + found.curves[name] for name, curve in coarse.curves.items()})


def _packed(seen: Float32Array, answers: Answers) -> Float32Array:
    """Return windows with the answers in rows behind them, as the training loop takes one array of windows alone."""
    n, _, columns = seen.shape
    table = answers.table()
    rows = -(-table.shape[1] // columns)
    behind = np.zeros((n, rows * columns), np.float32)
    behind[:, : table.shape[1]] = table
    return np.concatenate([seen, behind.reshape(n, rows, columns)], axis=1).reshape(-1, columns)


def _ends(series: Float32Array, n: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return (np.arange(n) + 1) * (len(series) // n) - 1


def _loss(window: int, answers: Answers, owners: Tensor) -> Callable[[Pupil, Tensor], Tensor]:
    channels, columns = answers.by_channel.shape[1], answers.expected.shape[1]
    spread = [_spread(each) for each in (_log(answers.score), _log(answers.by_channel), _cut(answers.expected))]

    def loss(pupil: Pupil, packed: Tensor) -> Tensor:
        told = packed[:, window:].flatten(1)
        score, by_channel, expected = told[:, 0], told[:, 1 : 1 + channels], told[:, 1 + channels :][:, :columns]
        said = pupil(packed[:, :window])
        wrong = _squared(_log_of(said.parts.sum(dim=1)), _log_of(score)) / spread[0]
        if channels:
            wrong = wrong + _OF_SHARES * _squared(_log_of(said.parts @ owners), _log_of(by_channel)) / spread[1]
        if columns:
            wrong = wrong + _OF_EXPECTED * _squared(said.expected.clamp(-CUT, CUT), expected) / spread[2]
        return wrong

    return loss


def _squared(said: Tensor, told: Tensor) -> Tensor:
    return torch.nn.functional.mse_loss(said, told)


def _log(values: Float32Array) -> FloatArray:
    return np.log(np.maximum(values, 0) + SMALLEST).astype(np.float64)


def _log_of(values: Tensor) -> Tensor:
    return (values.clamp(min=0) + SMALLEST).log()


def _cut(values: Float32Array) -> FloatArray:
    return np.clip(values, -CUT, CUT).astype(np.float64)


def _spread(values: FloatArray) -> float:
    """Return the mean variance of the columns: what not knowing anything would cost."""
    return max(float(np.var(values, axis=0).mean()), 1e-6) if values.size else 1.0
