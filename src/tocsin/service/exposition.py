"""Meters as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from tocsin.core.errors import MissingExtraError
from tocsin.engine.live.meters import METERS, Meter, Meters, Spread

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Series = Mapping[tuple[str, ...], float]


def exposition(meters: Meters) -> bytes:
    """Return all meters in Prometheus' text format; those without labels also before anything was counted.

    Raises
    ------
    MissingExtraError
        If prometheus-client is not installed.

    Examples
    --------
    >>> meters = Meters()
    >>> meters.add("tocsin_readings_total", 3, ("plant",))
    >>> [line for line in exposition(meters).decode().splitlines() if line.startswith("tocsin_readings_total")]
    ['tocsin_readings_total{source="plant"} 3.0']
    """
    try:
        from prometheus_client import CollectorRegistry, generate_latest
    except ImportError:
        raise MissingExtraError("Metrics", extra="stream", library="prometheus-client") from None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(meters))
    return generate_latest(registry)


class _Collector:
    def __init__(self, meters: Meters) -> None:
        self._meters = meters

    def collect(self) -> Iterator[Metric]:
        values, spreads = self._meters.values(), self._meters.spreads()
        for meter in METERS:
            if meter.kind == "histogram":
                own = {labels: spread for (name, labels), spread in spreads.items() if name == meter.name}
                yield _histogram(meter, own)
            else:
                yield _plain(meter, {labels: value for (name, labels), value in values.items() if name == meter.name})


def _plain(meter: Meter, series: Series) -> Metric:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    kind = CounterMetricFamily if meter.kind == "counter" else GaugeMetricFamily
    family = kind(meter.name, meter.help, labels=meter.labels)
    if not meter.labels:
        series = {(): 0.0, **series}
    for labels, value in series.items():
        family.add_metric(labels, value)
    return family


def _histogram(meter: Meter, spreads: Mapping[tuple[str, ...], Spread]) -> Metric:
    from prometheus_client.core import HistogramMetricFamily

    family = HistogramMetricFamily(meter.name, meter.help, labels=meter.labels)
    for labels, spread in spreads.items():
        ends = [*(f"{end:g}" for end in meter.buckets), "+Inf"]
        family.add_metric(labels, list(zip(ends, _running(spread.counts), strict=True)), spread.sum)
    return family


def _running(counts: Iterable[int]) -> Iterator[int]:
    total = 0
    for count in counts:
        total += count
        yield total
