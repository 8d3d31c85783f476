"""Readings whose anomalies are known: simulated scenarios, one file each, and faults to inject into any readings."""

from __future__ import annotations

from tocsin.training.simulate._baseline import max_z_recall
from tocsin.training.simulate._faults import Fault, inject

__all__ = ["Fault", "inject", "max_z_recall"]
