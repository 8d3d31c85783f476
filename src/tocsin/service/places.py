"""Where a service may listen: for this machine alone without being asked, for others only behind a token."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from tocsin.core.errors import SettingError

if TYPE_CHECKING:
    from tocsin.service.tokens import Tokens


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach what listens at ``host``; a name is not looked up.

    >>> [is_loopback(host) for host in ("localhost", "127.0.0.7", "::1", "0.0.0.0", "plant.example", "")]
    [True, True, True, False, False, False]
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def check_place(host: str, tokens: Tokens) -> None:
    """Refuse to listen where others reach it while nobody could be told from anybody.

    Raises
    ------
    SettingError
        If ``host`` is not of this machine alone, and there is no token.
    """
    if not is_loopback(host) and not tokens.usable:
        raise SettingError(
            f"Whoever reaches {host} could use the service, since there is no token yet.",
            remedy="Make one first: tocsin token create NAME --scope admin",
        )


def split_url_host(host: str) -> str:
    """Return ``host`` as it stands in a URL.

    >>> split_url_host("::1"), split_url_host("127.0.0.1")
    ('[::1]', '127.0.0.1')
    """
    return f"[{host}]" if ":" in host else host
