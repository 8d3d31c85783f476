"""The section [metrics]: where a watch tells machines how it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MetricsSettings:
    """Where a watch tells machines how it is.

    Parameters
    ----------
    address
        "host:port" that /metrics, /healthz and /readyz are served at; "" for nowhere.
    """

    address: str = ""
