"""Who a watch is: under this name it claims lanes and takes letters, so that what it held is free when it dies."""

from __future__ import annotations

import os
import socket


def owner() -> str:
    """Return the name of this process, for the store and for people."""
    return f"{socket.gethostname()}, process {os.getpid()}"
