"""One who looks on a service's live stream over a real connection, and remembers what it was sent, and when."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import numpy as np


@dataclass(frozen=True)
class Heard:
    """An event as it came.

    Parameters
    ----------
    name
        Of the event; "comment" of a comment.
    told
        Its content; None of a comment.
    number
        Its id, "" where it has none.
    at_ns
        When it came.
    """

    name: str
    told: Any
    number: str
    at_ns: int

    @property
    def lag_s(self) -> float | None:
        """How old its newest verdict was when it came, in s; None where there is none with a real time."""
        times = self.told["time"] if self.name == "verdicts" and not self.told["row_clock"] else ()
        if not times:
            return None
        newest = max(np.datetime64(text.removesuffix("Z"), "ns").astype(np.int64) for text in times)
        return float(self.at_ns - newest) / 1e9


class LiveListener:
    """Listens in a thread of its own, from the first moment on.

    Parameters
    ----------
    service
        The service's URL.
    asked
        What stands behind ``/v1/live``, such as "?device=room-1".
    headers
        Of the request.
    """

    def __init__(self, service: str, asked: str = "", *, headers: dict[str, str] | None = None) -> None:
        url = urlsplit(service)
        self.heard: list[Heard] = []
        self.ended = threading.Event()
        """Set once the stream is over."""
        self._connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
        self._connection.request("GET", f"/v1/live{asked}", headers=headers or {})
        self._answer = self._connection.getresponse()
        self.status = self._answer.status
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def verdicts(self) -> int:
        """How many verdicts have come, those of how things stood at first among them."""
        return sum(len(one.told["device"]) for one in list(self.heard) if one.name == "verdicts")

    def named(self, name: str) -> list[Heard]:
        """Return the events of a name."""
        return [one for one in list(self.heard) if one.name == name]

    def close(self) -> None:
        """Hang up."""
        if self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5.0)
        self._answer.close()
        self._connection.close()

    def _listen(self) -> None:
        lines: dict[str, str] = {}
        with suppress(OSError, http.client.HTTPException, ValueError):
            for line in self._answer:
                name, _, text = line.decode().rstrip("\n").partition(": ")
                if line != b"\n":
                    lines[name] = text
                    continue
                self._take(lines)
                lines = {}
        self.ended.set()

    def _take(self, lines: dict[str, str]) -> None:
        if "data" in lines:
            told = json.loads(lines["data"])
            self.heard.append(Heard(lines["event"], told, lines.get("id", ""), time.time_ns()))
        elif "" in lines:
            self.heard.append(Heard("comment", None, "", time.time_ns()))
