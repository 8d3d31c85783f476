"""A better limit for an alarm that misses too much: what it learned stays, and so do its scores.

Run it with ``python examples/recalibrate.py``. A room is learned in one month. What the next shows of other limits,
and a budget of false alarms, each give another limit without learning anew; the third tells what they are worth.
"""

from __future__ import annotations

import polars as pl

import tocsin
from tocsin.training.simulate.environment import Environment


def month(number: int) -> pl.DataFrame:
    """Return four weeks of a room, a reading every ten minutes, with some labelled faults."""
    readings = Environment(rows=4032, seed=number, anomaly_share=0.03).table()
    return readings.with_columns(pl.col("time").str.to_datetime() + pl.duration(weeks=4 * number))


def show(name: str, scorer: tocsin.Scorer) -> None:
    """Print what people would have heard in the third month."""
    now = tocsin.whatif(scorer, third).in_force
    heard = f"{now.false_alarms} false alarms, {now.caught} of {now.events} events caught"
    print(f"{name:27} limit {now.limit:.3f}, rings after {now.wait}: {heard}")


first, second, third = (month(number) for number in (3, 4, 5))
scorer = tocsin.fit(first, tocsin.Recipe(detector="ridge", threshold="percentile:98"))
show("as it was trained", scorer)

best = tocsin.whatif(scorer, second, raise_after=[1]).best
if best is not None:
    alarm = {"raise_after": best.wait.removesuffix("s").removesuffix(" window")}
    show("as suits the second best", tocsin.recalibrate(scorer, threshold=f"fixed:{best.limit}", alarm=alarm))

kept = tocsin.recalibrate(scorer, second, budget="1 per device per week", alarm={"raise_after": 1})
show("at most one false a week", kept)
print(*kept.artifact.calibration.said, *kept.artifact.calibration.warnings, sep="\n")

same = scorer.score(third)["score"].equals(kept.score(third)["score"])
print(f"Scores are {'the same' if same else 'others'}; {len(kept.artifact.earlier)} earlier limit is remembered.")
kept.save("room.tocsin")
