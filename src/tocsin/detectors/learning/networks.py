"""The training loop and the layers of the detectors' networks; importing it loads PyTorch."""

from __future__ import annotations

from tocsin.detectors._dense_network import dense_layers, flat
from tocsin.detectors._faulty import with_faults
from tocsin.detectors._layers import flipped, write_conv, write_dense
from tocsin.detectors._lstm_network import run, stacked, written
from tocsin.detectors._torch import Loss, Plan, Trained, train

__all__ = [
    "Loss",
    "Plan",
    "Trained",
    "dense_layers",
    "flat",
    "flipped",
    "run",
    "stacked",
    "train",
    "with_faults",
    "write_conv",
    "write_dense",
    "written",
]
