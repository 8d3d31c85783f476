"""What the service counts of itself, as Prometheus reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily

from tocsin import __version__

if TYPE_CHECKING:
    from prometheus_client import Metric

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

Gauges = Callable[[], Mapping[str, float]]
"""Returns how things stand: name of a gauge to its value; those that are not known are left out."""

GAUGES = {
    "tocsin_service_jobs_running": "Jobs that run.",
    "tocsin_service_jobs_waiting": "Jobs that wait for their turn.",
    "tocsin_service_viewers": "Live streams that somebody listens to.",
    "tocsin_service_store_up": "1 where the store answers.",
    "tocsin_service_open_incidents": "Incidents that go on.",
}


class Tally:
    """Counts requests, and tells how things stand.

    Parameters
    ----------
    standing
        Tells how things stand, whenever somebody asks.

    Examples
    --------
    >>> tally = Tally(lambda: {"tocsin_service_viewers": 2})
    >>> tally.count("/v1/me", "GET", 200, 0.002)
    >>> [line for line in tally.text().decode().splitlines() if line.startswith("tocsin_service_requests_total")]
    ['tocsin_service_requests_total{method="GET",route="/v1/me",status="200"} 1.0']
    """

    def __init__(self, standing: Gauges) -> None:
        # when each count began doubles the text, and nothing asks for it
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._standing, self._registry = standing, CollectorRegistry()
        self._requests = Counter(
            "tocsin_service_requests_total",
            "Requests that were answered.",
            ("route", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "tocsin_service_request_seconds",
            "From a request to the end of its answer, live streams excepted.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._registry.register(_Standing(self))

    def count(self, route: str, method: str, status: int, took_s: float | None) -> None:
        """Count a request.

        Parameters
        ----------
        route
            Its path with names in place of values.
        method, status
            Of HTTP.
        took_s
            In s; None for a live stream.
        """
        known = method if method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS") else "other"
        self._requests.labels(route, known, str(status)).inc()
        if took_s is not None:
            self._seconds.labels(route).observe(took_s)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self._registry)

    def gauges(self) -> Mapping[str, float]:
        """Return how things stand."""
        return self._standing()


class _Standing:
    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def describe(self) -> list[Metric]:
        """Tell nothing ahead: how things stand is asked only when somebody wants to know."""
        return []

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("tocsin_service_build_info", "The version that runs; always 1.", labels=("version",))
        build.add_metric((__version__,), 1)
        yield build
        for name, value in self._tally.gauges().items():
            yield GaugeMetricFamily(name, GAUGES[name], value=value)
