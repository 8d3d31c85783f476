"""A bearing that wears out, heard at 20 kHz: each hop of readings becomes a few numbers, and those are scored.

Run it with ``python examples/bearing_vibration.py``. In a plant, ``listen`` would read a snapshot from the recorder:
a tenth of a second every ten minutes, as it is done with the IMS bearings of NASA's prognostics repository.
"""

from __future__ import annotations

import numpy as np
import polars as pl

import tocsin

RATE_HZ = 20_000
READINGS = 2_048
SNAPSHOTS = 72
LEARNED = 30
PITTED = 42


def listen(snapshot: int, random: np.random.Generator) -> pl.DataFrame:
    """Return a snapshot of two bearings; the first has a pit that grows, and rings at 4 kHz whenever a ball hits it."""
    time = np.arange(READINGS) / RATE_HZ
    stamps = np.datetime64("2024-03-01", "ns") + np.timedelta64(600 * snapshot, "s")
    wear = max(0.0, (snapshot - PITTED) / (SNAPSHOTS - PITTED)) ** 1.5
    hits = np.arange(READINGS) % (RATE_HZ // 236) == random.integers(RATE_HZ // 236)
    ring = 2.5 * np.exp(-900 * time[:80]) * np.sin(2 * np.pi * 4_000 * time[:80])
    shaft, noise = 0.3 * np.sin(2 * np.pi * (33 * time + random.random())), random.normal(0, 0.25, (2, READINGS))
    return pl.DataFrame(
        {
            "time": stamps + (time * 1e9).round().astype("timedelta64[ns]"),
            "bearing 1": shaft + noise[0] + wear * np.convolve(hits, ring)[:READINGS],
            "bearing 2": shaft + noise[1],
        }
    )


random = np.random.default_rng(0)
heard = pl.concat([listen(snapshot, random) for snapshot in range(SNAPSHOTS)])
recipe = tocsin.Recipe(detector="pca", window=4, prepare=("bands:256,8",))
scorer = tocsin.fit(heard.head(LEARNED * READINGS), recipe)
print(f"A score takes {scorer.artifact.window} readings: 4 rows, each of a hop of 256.")

verdicts = scorer.score(heard).with_columns(snapshot=pl.int_range(pl.len()) // READINGS)
told = verdicts.group_by("snapshot", maintain_order=True).agg(
    pl.col("severity").median(), (pl.col("anomaly").sum() / pl.col("score").is_not_nan().sum()).alias("above")
)
for snapshot, severity, above in told.gather_every(6, offset=5).iter_rows():
    print(f"after {(snapshot + 1) // 6:2} h  {severity:6.2f} times the limit  {above:4.0%} of the readings above it")

causes = verdicts.filter("anomaly")["cause"].str.starts_with("bearing 1")
print(f"{causes.mean():.0%} of those blame bearing 1 most.")
