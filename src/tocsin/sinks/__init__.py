"""Where news of incidents goes: a log, a web hook, Alertmanager, MQTT, Kafka, people."""

from __future__ import annotations

from tocsin.sinks._selected import sink_of

__all__ = ["sink_of"]
