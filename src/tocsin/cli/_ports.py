"""Ports of this machine: which is free, and which is taken already."""

from __future__ import annotations

import errno
import socket

from tocsin.core.errors import SettingError

LOOPBACK = "127.0.0.1"


def free_port(host: str = LOOPBACK) -> int:
    """Return a port that nobody uses now.

    >>> free_port() > 0
    True
    """
    with socket.socket() as some:
        some.bind((host, 0))
        return int(some.getsockname()[1])


def wanted_port(host: str, port: int | None, *, usual: int) -> int:
    """Return the port to listen at: the one asked for, else the usual one, else any that is free.

    Parameters
    ----------
    host
        Address to listen at.
    port
        The one asked for; 0 is any that is free, None leaves it to us.
    usual
        Taken where nothing was asked for, and it is free.

    Raises
    ------
    SettingError
        If the one asked for is taken, or the host is not of this machine.
    """
    if port == 0:
        return free_port(host)
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((host, usual if port is None else port))
    except OSError as error:
        if port is None and error.errno == errno.EADDRINUSE:
            return free_port(host)
        raise _refused(host, usual if port is None else port, error) from None
    return usual if port is None else port


def _refused(host: str, port: int, error: OSError) -> SettingError:
    if error.errno == errno.EADDRINUSE:
        return SettingError(
            f"Port {port} of {host} is taken by another program.",
            remedy="Choose another with --port, or any free one with --port 0.",
        )
    return SettingError(
        f"This machine cannot listen at {host}, port {port}: {error.strerror or error}.",
        remedy="Choose another --host or --port.",
    )
