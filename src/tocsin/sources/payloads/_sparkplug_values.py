"""What a Sparkplug metric is worth: its number, whether it is missing, and whether the sensor itself distrusts it."""

from __future__ import annotations

import math
from typing import Any

_WIDTHS = {1: 8, 2: 16, 3: 32, 4: 64}
_GOOD = 192


def number_of(metric: Any, datatype: int) -> float | None:
    """Return a metric's value as a number, NaN where it is null, None where it is none.

    Signed integers come as unsigned ones in two's complement (Sparkplug 3.0, 6.4.16), 8 and 16 bits wide ones in 32
    bits, of which senders fill the upper ones in different ways.

    Parameters
    ----------
    metric
        A decoded metric.
    datatype
        As announced at birth: 1 to 4 are signed integers of 8 to 64 bits.

    >>> from tocsin.sources.payloads._sparkplug_proto import payload_class
    >>> add = payload_class()().metrics.add
    >>> number_of(add(int_value=0xFFFFFFFE), 3), number_of(add(int_value=0xFE), 1), number_of(add(is_null=True), 9)
    (-2.0, -2.0, nan)
    """
    if metric.is_null:
        return math.nan
    for name in ("double_value", "float_value", "boolean_value"):
        if metric.HasField(name):
            return float(getattr(metric, name))
    for name in ("int_value", "long_value"):
        if metric.HasField(name):
            return float(_signed(getattr(metric, name), _WIDTHS.get(datatype, 0)))
    return None


def is_bad(metric: Any) -> bool:
    """Tell whether a metric's property "Quality" says anything but good.

    >>> from tocsin.sources.payloads._sparkplug_proto import payload_class
    >>> metric = payload_class()().metrics.add(name="temp")
    >>> metric.properties.keys.append("Quality"); _ = metric.properties.values.add(type=3, int_value=500)
    >>> is_bad(metric)
    True
    """
    if not metric.HasField("properties"):
        return False
    said = zip(metric.properties.keys, metric.properties.values, strict=False)
    return any(key == "Quality" and not value.is_null and value.int_value != _GOOD for key, value in said)


def _signed(value: int, width: int) -> int:
    if not width:
        return value
    value &= (1 << width) - 1
    return value - (1 << width) if value >> (width - 1) else value
