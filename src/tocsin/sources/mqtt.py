"""MQTT: the protocol in which most devices and gateways send readings."""

from __future__ import annotations

from typing import ClassVar

from tocsin.sources._mqtt_source import MqttSource


class Mqtt(MqttSource):
    """Readings from an MQTT broker, 3.1.1 or 5, each acknowledged once what it led to is stored.

    Written ``mqtt://user:password@host:1883/plant/{device}/env?qos=1&payload=json``. Without ``{device}`` whatever
    stands for the wildcards, joined by "/", is the device. See :class:`~tocsin.sources._mqtt_settings.MqttSettings`.
    """

    secure: ClassVar[bool] = False
