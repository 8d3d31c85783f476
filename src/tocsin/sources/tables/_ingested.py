"""What is wrong with the readings of many sensors, counted as Lookout for Equipment counted it before training."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from tocsin.core.arrays import NEVER
from tocsin.sources.tables._gather import Sensor

_SHORT_NS = 14 * 86_400 * 10**9
"""A sensor with a shorter range than 14 days was called short."""


def ingested(sensors: Sequence[Sensor]) -> dict[str, Any]:
    """Return a summary over all sensors, and statistics of each, by the names that Lookout for Equipment used.

    ``DataQualitySummary`` as ``DescribeDataIngestionJob`` told it, ``SensorStatisticsSummaries`` as
    ``ListSensorStatistics`` did; a percentage is of the sensor's entries, from 0 to 100.

    Parameters
    ----------
    sensors
        As they stood in the files.
    """
    each = [_statistics(sensor) for sensor in sensors]
    missing, invalid = ([one[what]["Count"] for one in each] for what in ("MissingValues", "InvalidValues"))
    return {
        "DataQualitySummary": {
            "InsufficientSensorData": {
                "MissingCompleteSensorData": {"AffectedSensorCount": sum(not one["DataExists"] for one in each)},
                "SensorsWithShortDateRange": {"AffectedSensorCount": sum(_is_short(sensor) for sensor in sensors)},
            },
            "MissingSensorData": _affected(missing, "TotalNumberOfMissingValues"),
            "InvalidSensorData": _affected(invalid, "TotalNumberOfInvalidValues"),
            "UnsupportedTimestamps": {
                "TotalNumberOfUnsupportedTimestamps": sum(one["InvalidDateEntries"]["Count"] for one in each)
            },
            "DuplicateTimestamps": {
                "TotalNumberOfDuplicateTimestamps": sum(one["DuplicateTimestamps"]["Count"] for one in each)
            },
        },
        "SensorStatisticsSummaries": each,
    }


def _affected(counts: Sequence[int], total: str) -> dict[str, int]:
    return {"AffectedSensorCount": sum(count > 0 for count in counts), total: sum(counts)}


def _statistics(sensor: Sensor) -> dict[str, Any]:
    entries, known = len(sensor.values), ~np.isnan(sensor.values)
    read = sensor.time[sensor.time != NEVER]
    own = sensor.time[known & (sensor.time != NEVER)]
    counts = {
        "MissingValues": entries - int(known.sum()) - sensor.invalid,
        "InvalidValues": sensor.invalid,
        "InvalidDateEntries": entries - len(read),
        "DuplicateTimestamps": len(read) - len(np.unique(read)),
    }
    found = {what: {"Count": count, "Percentage": _percent(count, entries)} for what, count in counts.items()}
    name = {"ComponentName": sensor.component, "SensorName": sensor.name, "DataExists": bool(len(own))}
    ends = {"DataStartTime": _stamp(own.min()), "DataEndTime": _stamp(own.max())} if len(own) else {}
    return name | found | ends


def _is_short(sensor: Sensor) -> bool:
    own = sensor.time[(sensor.time != NEVER) & ~np.isnan(sensor.values)]
    return bool(len(own)) and int(own.max() - own.min()) < _SHORT_NS


def _percent(count: int, entries: int) -> float:
    return round(100 * count / entries, 5) if entries else 0.0


def _stamp(time: np.int64) -> str:
    return datetime.fromtimestamp(int(time) // 10**9, UTC).isoformat().replace("+00:00", "Z")
