"""From a table to alarms in three lines: fit, score, save.

Run it with ``python examples/quickstart.py``. The readings are simulated; a CSV's path or a pandas, Polars or pyarrow
frame of your own takes their place. Few epochs keep it short: leave ``recipe`` out for a real training.
"""

from __future__ import annotations

import tocsin
from tocsin.training.simulate.environment import Environment

readings = Environment(rows=2000, seed=7).table()
recipe = tocsin.Recipe(settings={"epochs": 20})

scorer = tocsin.fit(readings, recipe)
scored = scorer.score(readings)
scorer.save("room.tocsin")

strange = scored.filter(scored["anomaly"])
print(f"{len(strange)} of {len(scored)} readings are above the limit.")
print(strange.select("time", "score", "limit", "cause", "incident_id").head(10))
