"""A socket with buffers: paho-mqtt asks it for bytes one by one, and it asks the system for many at a time."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time

_RECEIVE = 1 << 16
_SYSTEM_BUFFER = 1 << 20
_AGAIN = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """Stands between paho-mqtt and its socket.

    Each call of the system lets another busy thread run for milliseconds first. paho makes four of them for a message
    and one for an acknowledgement; through a wire it makes one for some hundreds.

    Parameters
    ----------
    raw
        An open connection, encrypted or not.

    Attributes
    ----------
    heard_at
        When something last came, on the monotonic clock.
    """

    def __init__(self, raw: socket.socket) -> None:
        self._raw, self._in, self._at, self._out = raw, b"", 0, bytearray()
        self.heard_at = time.monotonic()
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SYSTEM_BUFFER)

    def recv(self, size: int) -> bytes:
        """Return at most ``size`` bytes of what came, b"" at the end."""
        if self._at == len(self._in):
            self._fill()
        part = self._in[self._at : self._at + size]
        self._at += len(part)
        return part

    def send(self, packet: bytes | bytearray) -> int:
        """Take all of a packet; it leaves with the next :meth:`flush`."""
        self._out += packet
        return len(packet)

    def flush(self) -> None:
        """Send as much as the system takes now."""
        with contextlib.suppress(*_AGAIN):
            while self._out:
                del self._out[: self._raw.send(self._out)]

    @property
    def waiting(self) -> bool:
        """Whether something lies here to be read, of which no selector knows."""
        return self._at < len(self._in) or (isinstance(self._raw, ssl.SSLSocket) and self._raw.pending() > 0)

    @property
    def unsent(self) -> bool:
        """Whether something waits for a :meth:`flush`."""
        return bool(self._out)

    def fileno(self) -> int:
        """Return the number of the socket."""
        return self._raw.fileno()

    def setblocking(self, flag: bool) -> None:
        """Have calls wait, or not."""
        self._raw.setblocking(flag)

    def settimeout(self, timeout_s: float) -> None:
        """Have calls wait so long at most."""
        self._raw.settimeout(timeout_s)

    def close(self) -> None:
        """Send what can still be sent, and close."""
        with contextlib.suppress(OSError):
            self.flush()
        self._raw.close()

    def _fill(self) -> None:
        self._in, self._at = self._raw.recv(_RECEIVE), 0
        if self._in:
            self.heard_at = time.monotonic()


class Encrypted(ssl.SSLSocket):
    """A socket that closes itself where nobody can be agreed with, which paho-mqtt leaves to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:
        """Agree on keys with the other side."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise
