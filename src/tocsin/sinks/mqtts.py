"""MQTT over TLS: the state of every device as a retained message."""

from __future__ import annotations

from typing import ClassVar

from tocsin.sinks._mqtt_sink import MqttSink


class Mqtts(MqttSink):
    """As ``mqtt``, over TLS: ``mqtts://user:password@host/alarms?ca=/etc/ssl/plant.pem``.

    The broker's certificate is checked against the system's, or those in ``ca``; all else is as for ``mqtt``.
    """

    secure: ClassVar[bool] = True
