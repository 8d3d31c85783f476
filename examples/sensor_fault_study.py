"""A study of sensor faults: simulate a machine, look at it, add features, and let two detectors find the faults.

Run it with ``python examples/sensor_fault_study.py``. It follows a public project, "Time Series Anomaly Detection for
IoT Sensors", step by step, and prints its lines; pictures go to ``plots``, figures to ``models/out.json``.

Both detectors learn from the first 60 % of two weeks, labelled faults left out, and find their limits there, such that
3 % of later normal readings may exceed them. They are judged on the rest, which they have not seen. Most faults are
small, from half a deviation to six, and the machine idles, works and rests: a forest finds little of that, and what it
finds is shown as it is.
"""

from __future__ import annotations

import json
from pathlib import Path

from tocsin import Recipe
from tocsin.evaluation.metrics import point_metrics
from tocsin.evaluation.pictures.explore import explore
from tocsin.evaluation.pictures.figures import save, score_plot
from tocsin.evaluation.splits import holdout
from tocsin.sources import Table, open_table
from tocsin.training.lab.trial import Trial, run
from tocsin.training.simulate.machine import Machine

HOUR = 60
"""Readings."""
FEATURES = (f"rolling:{HOUR}", "lag:1")
"""Mean and deviation of the last hour, and the reading before: per channel, beside the reading itself."""
THRESHOLD = "percentile:97"


def main() -> None:
    """Run the study."""
    print(">> gen data")
    readings = Machine(rows=20_000, seed=7, kinds=("spike", "level_shift", "dropout")).table()

    print(">> clean & EDA")
    table = open_table(readings).in_time_order()
    explore(table, Path("plots"))

    print(">> make features")
    forest = Recipe(detector="isolation_forest", prepare=FEATURES, threshold=THRESHOLD)
    network = Recipe(
        detector="lstm_autoencoder",
        settings={"hidden": (32, 8), "epochs": 10, "batch_size": 64, "learning_rate": 3e-3},
        threshold=THRESHOLD,
    )

    print(">> iso forest")
    found = {"isolation_forest": study(table, forest, picture=Path("plots/isolation_forest.png"))}
    print("IF eval:", short(found["isolation_forest"]))

    print(">> lstm ae")
    found["lstm_autoencoder"] = study(table, network, picture=Path("plots/lstm_autoencoder.png"))
    print("AE eval:", short(found["lstm_autoencoder"]))

    results = Path("models/out.json")
    results.parent.mkdir(exist_ok=True)
    results.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(f">> done. results in {results.as_posix()}")


def study(table: Table, recipe: Recipe, *, picture: Path) -> dict[str, float | None]:
    """Learn from the first part of ``table``, judge the later one, draw it, and return the figures."""
    fold = holdout(table.readings.time, gap=2 * HOUR)
    trial = run(table, recipe, learn=fold.learn, judged=fold.judged)
    outcome = trial.outcome
    save(score_plot(outcome, title=f"{recipe.detector} on readings it has not seen"), picture)
    metrics = point_metrics(outcome.labels, outcome.anomaly, scored=outcome.scored)
    return {
        "precision": metrics.precision,
        "recall": metrics.recall,
        "f1": metrics.f1,
        "threshold": limit_of(trial),
    }


def limit_of(trial: Trial) -> float:
    """Return the limit that was found before the judged readings were seen."""
    return float(trial.outcome.limit[trial.outcome.scored][0])


def short(figures: dict[str, float | None]) -> dict[str, float | None]:
    """Return precision, recall and F1, rounded, by their first letters; None where nothing was flagged."""
    names = {"p": "precision", "r": "recall", "f1": "f1"}
    return {letter: None if (found := figures[name]) is None else round(found, 3) for letter, name in names.items()}


if __name__ == "__main__":
    main()
