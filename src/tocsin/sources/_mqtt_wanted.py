"""What an MQTT source wants of a broker, whatever library speaks to it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Wanted:
    """Where to connect to, as whom, and what to subscribe to.

    Parameters
    ----------
    host, port
        The broker.
    filter, qos
        The topics, with wildcards, and how sure delivery is to be: 0 or 1.
    client
        The name of our session.
    version
        Of MQTT.
    user, password
        "" where there is none.
    keepalive_s
        The broker drops us if it hears nothing for half as long again.
    session_s
        How long it keeps our session while we are away; MQTT 5 only, 3.1.1 keeps it as the broker is set up.
    inflight
        Messages of QoS 1 that may be unacknowledged; MQTT 5 only.
    tls
        Whom to trust, and who we are; None without encryption.
    retained
        Are messages wanted that the broker kept for newcomers?
    """

    host: str
    port: int
    filter: str
    client: str
    qos: int = 1
    version: Literal["5", "3.1.1"] = "5"
    user: str = ""
    password: str = field(default="", repr=False)
    keepalive_s: int = 30
    session_s: int = 7 * 86_400
    inflight: int = 2_000
    tls: ssl.SSLContext | None = None
    retained: bool = False
