"""What can be set of the Kafka source, and what the client library calls it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tocsin.core.addresses import Address
from tocsin.core.errors import SettingError

_PROTOCOLS = {"plain": "PLAINTEXT", "tls": "SSL", "sasl": "SASL_PLAINTEXT", "sasl_tls": "SASL_SSL"}
_PREFETCH_KB = 32_768
"""Messages that the client may hold before we ask for them: what bounds memory while the store is slow."""


@dataclass(frozen=True)
class KafkaSettings:
    """Settings behind the ``?`` of a Kafka address.

    Parameters
    ----------
    group
        Watches of one group share the partitions among themselves.
    payload
        How messages are written: a part of ``sources.payloads``.
    device
        "key": the message's key names the device. Else the field of the payload that does.
    start
        Where to begin on a partition that nobody has read.
    security
        "tls" encrypts, "sasl" asks for a user and a password, "sasl_tls" does both.
    mechanism
        How the password is proven.
    user, password
        For "sasl"; may stand in front of the host, too.
    ca, cert, key
        Files: who signed the broker's certificate, and our own certificate with its key.
    session_s
        A watch that was not heard of for so long has lost its partitions to the others.
    patience_s
        So long the first contact may take.
    """

    group: str = "tocsin"
    payload: str = "json"
    device: str = "key"
    start: Literal["earliest", "latest"] = "earliest"
    security: Literal["plain", "tls", "sasl", "sasl_tls"] = "plain"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    user: str = ""
    password: str = ""
    ca: str = ""
    cert: str = ""
    key: str = ""
    session_s: float = 10.0
    patience_s: float = 10.0

    def __post_init__(self) -> None:
        if not 6 <= self.session_s <= 300:
            raise SettingError(f"A session of {self.session_s:g} s is no good.", remedy="Give 6s to 5min.")
        if (self.ca or self.cert or self.key) and "tls" not in self.security:
            raise SettingError("ca, cert and key are for encrypted connections.", remedy="Add security=tls.")
        if bool(self.cert) != bool(self.key):
            raise SettingError("cert and key belong together.", remedy="Give both, or neither.")


def client_settings(address: Address, settings: KafkaSettings) -> Mapping[str, Any]:
    """Return the settings of the client library, a consumer that commits nothing by itself.

    Raises
    ------
    SettingError
        If a user is given where none is asked for, or none where one is.
    """
    return {
        "bootstrap.servers": ",".join(f"{host}:{port}" for host, port in address.hosts),
        "group.id": settings.group,
        "client.id": "tocsin",
        "partition.assignment.strategy": "cooperative-sticky",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        # nobody but us decides where to begin: a gap must be told
        "auto.offset.reset": "error",
        "session.timeout.ms": int(settings.session_s * 1000),
        "heartbeat.interval.ms": 1000,
        "fetch.wait.max.ms": 100,
        "fetch.error.backoff.ms": 100,
        "queued.max.messages.kbytes": _PREFETCH_KB,
        "statistics.interval.ms": 1000,
        "reconnect.backoff.max.ms": 2000,
        "logger": logging.getLogger("tocsin.sources.kafka.client"),
        # connections that come and go are told once, by us
        "log_level": 2,
        **_security(address, settings),
    }


def _security(address: Address, settings: KafkaSettings) -> dict[str, str]:
    user, password = settings.user or address.user, settings.password or address.password
    if bool(user) != settings.security.startswith("sasl"):
        raise SettingError(
            f"security={settings.security} {'takes no user' if user else 'needs a user and a password'}.",
            remedy="Write kafka://user:password@host/topic?security=sasl_tls, or security=sasl without encryption.",
        )
    login = {"sasl.mechanism": settings.mechanism, "sasl.username": user, "sasl.password": password} if user else {}
    files = {
        "ssl.ca.location": settings.ca,
        "ssl.certificate.location": settings.cert,
        "ssl.key.location": settings.key,
    }
    return {
        "security.protocol": _PROTOCOLS[settings.security],
        **login,
        **{name: path for name, path in files.items() if path},
    }
