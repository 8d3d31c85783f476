"""Kafka: news of incidents as messages of a topic, with the device as their key."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tocsin.core.addresses import Address
from tocsin.core.errors import MissingExtraError, SettingError
from tocsin.core.live import Sink
from tocsin.core.notices import Failure, Notice
from tocsin.sinks._bodies import Form, content_type, written

if TYPE_CHECKING:
    from confluent_kafka import Producer

_LOG = logging.getLogger(__name__)
_EXAMPLE = "kafka://localhost:9092/alarms"
_PROTOCOLS = {"plain": "PLAINTEXT", "tls": "SSL", "sasl": "SASL_PLAINTEXT", "sasl_tls": "SASL_SSL"}
_NEVER = ("MSG_SIZE_TOO_LARGE", "RECORD_LIST_TOO_LARGE", "INVALID_RECORD")


@dataclass(frozen=True)
class _Settings:
    format: Form = "json"
    security: Literal["plain", "tls", "sasl", "sasl_tls"] = "plain"
    mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""
    cert: str = ""
    key: str = ""
    timeout_s: float = 10.0


class Kafka(Sink):
    """Messages in a topic of Kafka: ``kafka://localhost:9092/alarms``.

    The key is the device's name, so that all news of a device lies in one partition, in order; headers tell the
    content's type, the incident and the revision. What all replicas in sync have counts as delivered; the producer is
    idempotent, so the network doubles nothing.

    Parameters
    ----------
    servers
        ``host:port``, several separated by commas.
    topic
        Where.
    form
        "json" or "cloudevents".
    timeout_s
        So long a delivery may take in all.
    settings
        More settings of librdkafka, by name.
    """

    def __init__(
        self,
        servers: str,
        topic: str,
        *,
        form: Form = "json",
        timeout_s: float = 10.0,
        settings: Sequence[tuple[str, str]] = (),
    ) -> None:
        _library()
        if timeout_s < 1:
            raise SettingError("timeout is at least 1 s.", remedy="For example: timeout=10s")
        self._settings = {
            "bootstrap.servers": servers,
            "client.id": "tocsin",
            "enable.idempotence": True,
            "linger.ms": 2,
            "message.timeout.ms": int(timeout_s * 1_000),
            "log_level": 2,
            **dict(settings),
        }
        self._topic = topic
        self._form: Form = form
        self._timeout_s = timeout_s
        self._servers = servers
        self._producer: Producer | None = None

    @classmethod
    def parse(cls, text: str) -> Kafka:
        """Return the sink written as ``text``: ``//user:password@host:9092,host2/topic``.

        ``format=cloudevents``, ``security=sasl_tls`` with ``mechanism=SCRAM-SHA-512``, ``ca=FILE``, ``cert=FILE``,
        ``key=FILE``, ``timeout=10s``.
        """
        address = Address.parse(text, port=9092, example=_EXAMPLE)
        settings = address.settings(_Settings)
        topic = address.path.strip("/")
        if not topic or not all(sign.isalnum() or sign in "._-" for sign in topic) or len(topic) > 249:
            raise SettingError(f"{topic!r} is no topic of Kafka.", remedy=f"Write an address such as {_EXAMPLE}")
        servers = ",".join(f"[{host}]:{port}" if ":" in host else f"{host}:{port}" for host, port in address.hosts)
        more = _security(settings, address)
        return cls(servers, topic, form=settings.format, timeout_s=settings.timeout_s, settings=more)

    def send(self, notices: Sequence[Notice]) -> Sequence[Failure]:
        """Produce notices, in order, and wait for their reports.

        After a failure the producer is given up, so that nothing of it arrives later, behind what is newer.
        """
        reports: dict[int, Any] = {}
        for number, notice in enumerate(notices):
            self._produce(notice, lambda error, _, number=number: reports.update({number: error}))
        self._opened().flush(self._timeout_s + 1)
        told = enumerate(notices)
        failures = [self._failure(n, reports.get(k)) for k, n in told if reports.get(k, self) is not None]
        if failures:
            self.close()
        return failures

    def close(self) -> None:
        """Drop what is not delivered, and the connection."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()
            producer.flush(1)

    def _produce(self, notice: Notice, report: Any) -> None:
        headers = {"content-type": content_type(self._form), "incident": notice.id, "revision": str(notice.revision)}
        try:
            self._opened().produce(
                self._topic,
                value=written(notice, self._form),
                key=notice.device.encode("utf-8", "replace"),
                headers=list(headers.items()),
                on_delivery=report,
            )
        except Exception as error:  # the library's own has the error that a report would have told
            report(error.args[0] if error.args else error, None)

    def _failure(self, notice: Notice, error: Any) -> Failure:
        if error is None:
            return Failure(notice, f"{self._servers} did not answer within {self._timeout_s:g} s")
        name = error.name() if hasattr(error, "name") else ""
        told = error.str() if hasattr(error, "str") else str(error)
        return Failure(notice, f"{self._servers}: {told}", name in _NEVER)

    def _opened(self) -> Producer:
        if self._producer is None:
            self._producer = _library()(self._settings, logger=_LOG)
        return self._producer


def _library() -> type[Producer]:
    try:
        from confluent_kafka import Producer
    except ImportError as error:
        raise MissingExtraError("The sink kafka", extra="stream", library="confluent-kafka") from error
    return Producer


def _security(settings: _Settings, address: Address) -> list[tuple[str, str]]:
    """Return who we are and whom we trust, in librdkafka's words."""
    user, password = settings.user or address.user, settings.password or address.password
    if bool(user) != settings.security.startswith("sasl"):
        raise SettingError(
            f"security={settings.security} {'takes no user' if user else 'needs a user and a password'}.",
            remedy="Write kafka://user:password@host/topic?security=sasl_tls, or security=sasl without encryption.",
        )
    login = {"sasl.mechanism": settings.mechanism, "sasl.username": user, "sasl.password": password} if user else {}
    own = {"ssl.certificate.location": settings.cert, "ssl.key.location": settings.key}
    found = {"security.protocol": _PROTOCOLS[settings.security], "ssl.ca.location": settings.ca, **login, **own}
    return [(name, value) for name, value in found.items() if value]
