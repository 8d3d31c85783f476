"""Where an edge meets its centre: a broker, and the topic under which all edges are."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Literal, Self

from tocsin.core.addresses import Address
from tocsin.core.errors import SettingError

Part = Literal["windows", "sketch", "health", "artifact"]

_PORTS = {"mqtt": 1883, "mqtts": 8883}
_EXAMPLE = "mqtt://centre/tocsin"


@dataclass(frozen=True)
class _Settings:
    ca: str = ""
    cert: str = ""
    key: str = ""
    insecure: bool = False


@dataclass(frozen=True)
class UplinkPlace:
    """A broker, and the topic under which all edges are.

    Parameters
    ----------
    address
        Broker, login and settings.
    secure
        Is TLS spoken?
    base
        The topic, without a stroke at its end.

    Examples
    --------
    >>> UplinkPlace.parse("mqtt://anna:secret@centre/tocsin", where="--to").topic("hall-3", "health")
    'tocsin/hall-3/health'
    """

    address: Address
    secure: bool
    base: str

    @classmethod
    def parse(cls, url: str, *, where: str) -> Self:
        """Return the place written as ``mqtt://user:password@host:1883/topic``, mqtts:// for TLS.

        With TLS ``ca=FILE``, ``cert=FILE``, ``key=FILE`` and ``insecure`` may stand behind a question mark.

        Raises
        ------
        SettingError
            If it is none; ``where`` is named.
        """
        kind, _, rest = url.partition(":")
        if kind not in _PORTS:
            raise SettingError(f"{where} is {kind + ':…'!r}, no broker.", remedy=f"Write it as {_EXAMPLE}")
        try:
            address = Address.parse(rest, port=_PORTS[kind], example=_EXAMPLE)
            found = address.settings(_Settings)
        except SettingError as error:
            raise SettingError(f"{where}: {error.message}", remedy=error.remedy) from None
        base = address.path.strip("/")
        if not base or "+" in base or "#" in base:
            raise SettingError(f"{where} has no topic, or one with wildcards.", remedy=f"Write it as {_EXAMPLE}")
        if kind == "mqtt" and any((found.ca, found.cert, found.key)):
            raise SettingError(f"{where}: ca, cert and key are for TLS.", remedy="Write mqtts:// instead of mqtt://.")
        return cls(address, kind == "mqtts", base)

    @property
    def tls(self) -> tuple[str, str, str, bool] | None:
        """Files to trust, of our certificate and of its key, and whether any broker will do; None without TLS."""
        own = self.address.settings(_Settings)
        return (own.ca, own.cert, own.key, own.insecure) if self.secure else None

    def topic(self, edge: str, part: Part) -> str:
        """Return the topic of a part of an edge; "+" for all edges."""
        return f"{self.base}/{edge}/{part}"


def own_name(written: str) -> str:
    """Return what an edge is called: as it is written, else as the machine is called.

    Raises
    ------
    SettingError
        If the name cannot be a level of a topic.

    Examples
    --------
    >>> own_name("hall-3")
    'hall-3'
    """
    name = written or socket.gethostname()
    if not name or any(sign in name for sign in "/+#\0"):
        raise SettingError(f"{name!r} cannot be an edge's name.", remedy="Use no / + or #, as in: hall-3")
    return name
