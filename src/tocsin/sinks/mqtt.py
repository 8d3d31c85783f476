"""MQTT without encryption: the state of every device as a retained message."""

from __future__ import annotations

from tocsin.sinks._mqtt_sink import MqttSink


class Mqtt(MqttSink):
    """The latest news of each device as a retained message: ``mqtt://localhost/alarms``, also for Home Assistant.

    Written ``mqtt://user:password@host/alarms?discovery=homeassistant``; see
    :class:`~tocsin.sinks._mqtt_sink.MqttSink`.
    """
