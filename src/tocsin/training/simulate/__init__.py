"""Readings whose anomalies are known: simulated scenarios, one file each, and faults to inject into any readings."""

from __future__ import annotations

from tocsin.training.simulate._baseline import max_z_recall
from tocsin.training.simulate._drift import Drift
from tocsin.training.simulate._faults import Fault, inject
from tocsin.training.simulate._kinds import KINDS
from tocsin.training.simulate._scenario import Scenario

__all__ = ["KINDS", "Drift", "Fault", "Scenario", "inject", "max_z_recall"]
