"""From a table to alarms in three lines: fit, score, save.

Run it with ``python examples/quickstart.py``. The readings are simulated; a CSV's path or a pandas, Polars or pyarrow
frame of your own takes their place. What was chosen from them, and why, is told.
"""

from __future__ import annotations

import tocsin
from tocsin.training.simulate.environment import Environment

readings = Environment(rows=2000, seed=7).table()

scorer = tocsin.fit(readings)
print(*scorer.artifact.provenance.why, sep="\n")
scored = scorer.score(readings)
scorer.save("room.tocsin")

strange = scored.filter(scored["anomaly"])
print(f"{len(strange)} of {len(scored)} readings are above the limit.")
print(strange.select("time", "score", "limit", "cause", "incident_id").head(10))
