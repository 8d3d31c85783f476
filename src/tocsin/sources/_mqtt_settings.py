"""The settings of an MQTT source, as written behind the topic, and what follows from them."""

from __future__ import annotations

import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname
from typing import Literal

from tocsin.core.addresses import Address
from tocsin.core.errors import SettingError
from tocsin.core.shares import Share
from tocsin.sources._mqtt_wanted import Wanted


@dataclass(frozen=True)
class MqttSettings:
    """Settings of an MQTT source.

    Parameters
    ----------
    qos
        1: the broker keeps each message until what it led to is stored. 0: it sends each once.
    payload
        How messages are read: json, value, csv, sparkplug, or cascade for those of edges.
    columns
        Of payload csv: names of the columns in order.
    device
        "topic", or "payload" where the message names its device although the topic has wildcards.
    version
        Of MQTT: 5, or 3.1.1 for older brokers.
    workers, worker
        How many processes share the fleet, and which of them this is, from 0.
    client
        The name of our session at the broker; made of this machine's name and the topic where it is not given.
    session_s
        How long an MQTT 5 broker keeps what comes while we are away.
    inflight
        Messages of QoS 1 that an MQTT 5 broker sends before we acknowledge one.
    keepalive_s
        The broker takes us for gone when it hears nothing for half as long again.
    wait_s
        How long to try at the start before giving up.
    retained
        Read messages, too, that the broker kept for newcomers? They are old.
    ca, cert, key
        Files: whom to trust, and our own certificate with its key. Without ca, whom the system trusts.
    insecure
        Encrypt without looking at the broker's certificate.
    """

    qos: Literal[0, 1] = 1
    payload: str = "json"
    columns: str = ""
    device: Literal["topic", "payload"] = "topic"
    version: Literal["5", "3.1.1"] = "5"
    workers: int = 1
    worker: int = 0
    client: str = ""
    session_s: float = 7 * 86_400.0
    inflight: int = 2_000
    keepalive_s: float = 30.0
    wait_s: float = 15.0
    retained: bool = False
    ca: str = ""
    cert: str = ""
    key: str = ""
    insecure: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.workers <= 4_096 or not 0 <= self.worker < self.workers:
            raise SettingError(
                f"There is no worker {self.worker} of {self.workers}.",
                remedy="Number the workers from 0: workers=3&worker=0, then 1, then 2.",
            )
        if not 1 <= self.inflight <= 65_535:
            raise SettingError(f"inflight is {self.inflight}.", remedy="Write a number from 1 to 65535.")
        if not 2 <= self.keepalive_s <= 65_535:
            raise SettingError(f"keepalive is {self.keepalive_s:g} s.", remedy="Write a time from 2s to 18h.")

    @property
    def share(self) -> Share:
        """The share of the fleet that this worker has."""
        return Share(self.worker, self.workers)

    @property
    def payload_text(self) -> str:
        """The payload with its settings."""
        return f"{self.payload}:{self.columns}" if self.columns else self.payload

    def wanted(self, address: Address, topics: str, *, secure: bool) -> Wanted:
        """Return what to ask of the broker, under a name that is the same after every start.

        Raises
        ------
        SettingError
            If a certificate is missing.
        """
        made = f"{gethostname()}\0{address.host}:{address.port}\0{address.path}\0{self.share}"
        return Wanted(
            address.host,
            address.port,
            topics,
            self.client or f"tocsin-{hashlib.blake2b(made.encode(), digest_size=8).hexdigest()}",
            qos=self.qos,
            version=self.version,
            user=address.user,
            password=address.password,
            keepalive_s=int(self.keepalive_s),
            session_s=int(self.session_s),
            inflight=self.inflight,
            tls=self.tls() if secure else None,
            retained=self.retained,
        )

    def tls(self) -> ssl.SSLContext:
        """Return whom to trust, and who we are.

        Raises
        ------
        SettingError
            If a file is missing or no certificate.
        """
        for name, path in (("ca", self.ca), ("cert", self.cert), ("key", self.key)):
            if path and not Path(path).is_file():
                raise SettingError(
                    f"There is no file {path} for {name}.", remedy=f"Name one: {name}=/etc/ssl/{name}.pem"
                )
        try:
            context = ssl.create_default_context(cafile=self.ca or None)
            if self.cert:
                context.load_cert_chain(self.cert, self.key or None, password="")
        except ssl.SSLError as error:
            raise SettingError(
                f"A certificate cannot be read: {error.reason or error}.", remedy="Give PEM files: ca=…&cert=…&key=…"
            ) from None
        if self.insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context
