"""MQTT over TLS: the same, encrypted, and sure of whom it speaks to."""

from __future__ import annotations

from typing import ClassVar

from tocsin.sources._mqtt_source import MqttSource


class Mqtts(MqttSource):
    """Readings from an MQTT broker over TLS, on port 8883.

    Written ``mqtts://user:password@host/plant/{device}/env?ca=/etc/ssl/plant.pem``; all else is as for ``mqtt``.
    """

    secure: ClassVar[bool] = True
