"""What prepare steps do for plain detectors on simulated readings; prints the tables of docs/how-to/features.md.

Each detector learns from the first half of 6,558 readings and is judged on the rest; means over three seeds. First by
AUC-PR: on the scenarios as they are; with a channel that moves by 3 deviations for good, in the middle of what is
judged; and with noise of half a deviation on all channels. Then by the normal readings above the limit, before and
after such a shift.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.evaluation.metrics.ranking import average_precision
from tocsin.evaluation.outcome import Outcome
from tocsin.sources import Table, open_table
from tocsin.training.lab.trial import run
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment
from tocsin.training.simulate.machine import Machine

STEPS = ("none", "denoise", "difference", "difference:1,keep", "detrend:30", "detrend:30,keep", "rolling:12")
READINGS = 6_558
LEARNED = READINGS // 2
SPARED = 300
"""Readings after the learned half, and after a shift, that are not judged: the longest look-back."""
SHIFT = READINGS * 3 // 4


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--tables", nargs="+", default=["ranked", "flagged"], choices=["ranked", "flagged"])
    given = asked.parse_args()
    if "ranked" in given.tables:
        _show(("pca", "isolation_forest"), tuple(CHANGES), given.seeds, _ranked)
    if "flagged" in given.tables:
        _show(("pca", "limits"), ("shifted",), given.seeds, _flagged)


def _show(
    detectors: tuple[str, ...], changes: tuple[str, ...], seeds: int, measure: Callable[[list[Outcome]], str]
) -> None:
    print("\n| readings | detector |", *(f"`{step}` |" for step in STEPS))
    print("|---|---|" + "---|" * len(STEPS))
    for name, make in (("environment", Environment), ("machine", Machine)):
        for change in changes:
            tables = [_table(make(rows=READINGS, seed=seed), change) for seed in range(1, seeds + 1)]
            for detector in detectors:
                cells = (f"{measure(found)} |" for found in _outcomes(detector, tables))
                print(f"| {name}, {change} | `{detector}` |", *cells, flush=True)


def _table(scenario: Environment | Machine, change: str) -> Table:
    table = open_table(scenario.table()).in_time_order()
    values = CHANGES[change](table.readings.values.copy(), scenario.seed)
    return replace(table, readings=replace(table.readings, values=values))


def _outcomes(detector: str, tables: list[Table]) -> Iterator[list[Outcome]]:
    place = np.arange(READINGS)
    for step in STEPS:
        recipe = Recipe(detector=detector, prepare=() if step == "none" else (step,))
        yield [run(table, recipe, learn=place < LEARNED, judged=place >= LEARNED + SPARED).outcome for table in tables]


def _ranked(outcomes: list[Outcome]) -> str:
    found = [average_precision(each.labels, np.nan_to_num(each.score)) for each in outcomes]
    return f"{np.mean([each for each in found if each is not None]):.2f}"


def _flagged(outcomes: list[Outcome]) -> str:
    place = LEARNED + SPARED + np.arange(len(outcomes[0].labels))
    parts = (place < SHIFT, place >= SHIFT + SPARED)
    before, after = (np.mean([each.anomaly[part & ~each.labels].mean() for each in outcomes]) for part in parts)
    return f"{before:.0%} → {after:.0%}"


def _same(values: FloatArray, seed: int) -> FloatArray:  # noqa: ARG001  # one shape for all
    return values


def _shifted(values: FloatArray, seed: int) -> FloatArray:  # noqa: ARG001  # one shape for all
    values[SHIFT:, 0] += 3 * np.nanstd(values[:, 0])
    return values


def _noisy(values: FloatArray, seed: int) -> FloatArray:
    noise = np.random.default_rng(seed).standard_normal(values.shape)
    return np.asarray(values + 0.5 * np.nanstd(values, axis=0) * noise, np.float64)


CHANGES: dict[str, Callable[[FloatArray, int], FloatArray]] = {
    "as simulated": _same,
    "shifted": _shifted,
    "noisy": _noisy,
}

if __name__ == "__main__":
    main()
