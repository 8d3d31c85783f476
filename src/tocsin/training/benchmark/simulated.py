"""Simulated scenarios: a room, a machine and a network with events of all kinds, for which no file is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.splits import holdout
from tocsin.training.benchmark._contract import Benchmark, Case, Facts, Sheet
from tocsin.training.benchmark._frozen import frozen_facts, frozen_sheet, trap_of

BUFFER = 12
"""Readings of the buffers of VUS: about the length of an event."""


@dataclass(frozen=True, kw_only=True)
class Simulated(Benchmark):
    """Simulated scenarios: ``tocsin simulate environment``, ``machine`` and ``network``, each with several seeds.

    The first 60 % of the time are learned from, events and all, but for what the labels mark; the rest is judged.
    Simulation knows what was done to which reading; real readings have events that nobody thought of.

    Parameters
    ----------
    rows
        Readings of each table.
    tables
        Tables of each scenario, with seeds one after another.
    seed
        Of the first.
    devices
        Of the network.
    gap
        Readings of each device between what is learned from and what is judged: the longest window, and the hold.
    """

    folder: ClassVar[str] = "simulated"
    sign: ClassVar[str] = ""
    origin: ClassVar[str] = "none are needed, the readings are made by this repository's tocsin simulate"
    example: ClassVar[str] = "environment/7"

    rows: int = 6000
    tables: int = 2
    seed: int = 7
    devices: int = 3
    gap: int = 124

    def find(self, data: Path) -> Path:
        """Return ``data`` as it is; no file is read."""
        return data

    def cases(self, folder: Path) -> Iterator[Case]:  # noqa: ARG002  # no file is read
        """Yield a case for each table."""
        from tocsin.sources import open_table
        from tocsin.training.simulate.environment import Environment
        from tocsin.training.simulate.machine import Machine
        from tocsin.training.simulate.network import Network

        for seed in range(self.seed, self.seed + self.tables):
            scenarios = {
                "environment": Environment(rows=self.rows, seed=seed),
                "machine": Machine(rows=self.rows, seed=seed),
                "network": Network(rows=self.rows, seed=seed, devices=self.devices),
            }
            for name, scenario in scenarios.items():
                table = open_table(scenario.table()).in_time_order()
                fold = holdout(table.readings.time, gap=self.gap, device=table.readings.device)
                yield Case(
                    f"{name}/{seed}", table, fold.learn, fold.judged, normal_only=True, window=BUFFER, group=name
                )

    def facts(self, case: Case, outcome: Outcome, *, window: int) -> Facts:  # noqa: ARG002  # one shape for all
        """Return counts and ranking figures of the judged readings."""
        return frozen_facts(case, outcome)

    def sheets(self, cases: Sequence[Case]) -> tuple[Sheet, ...]:
        """Return for each scenario what a user lives with."""
        groups = dict.fromkeys(case.group for case in cases)
        own = {group: [case for case in cases if case.group == group] for group in groups}
        return tuple(
            frozen_sheet(f"Simulated {group}", remarks=(trap_of(own[group]),), group=group, name=group)
            for group in groups
        )
