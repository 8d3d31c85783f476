"""Posting to a web server: one connection that is kept, proxies, certificates checked, and a bound on every wait."""

from __future__ import annotations

import base64
import http.client
import re
import socket
import ssl
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from tocsin.core.errors import SettingError
from tocsin.sinks.wire.unreachable import UnreachableError

_LATER = (408, 425, 429)
_ENOUGH = 65_536
_CLOSED = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ConnectionAbortedError)


@dataclass(frozen=True)
class Answer:
    """What a server answered.

    Parameters
    ----------
    status
        Its code.
    text
        The reason and the beginning of what it said, in a line.
    """

    status: int
    text: str

    @property
    def taken(self) -> bool:
        """Whether it took what was posted."""
        return 200 <= self.status < 300

    @property
    def final(self) -> bool:
        """Whether it would say the same for ever.

        >>> [Answer(status, "").final for status in (400, 404, 408, 425, 429, 500, 301)]
        [True, True, False, False, False, False, False]
        """
        return 400 <= self.status < 500 and self.status not in _LATER

    @property
    def busy(self) -> bool:
        """Whether there is no use in asking for more just now."""
        return self.status in (*_LATER, 502, 503, 504)

    def __str__(self) -> str:
        return f"it answered {self.status} {self.text}".rstrip()


class Poster:
    """Posts to one address. A connection is kept between posts; redirects are not followed.

    Parameters
    ----------
    url
        ``http://…`` or ``https://…``, with a user and password where wanted.
    timeout_s
        So long a post may take in all.
    ca
        A file of certificates to trust instead of the system's; "" for those.
    """

    def __init__(self, url: str, *, timeout_s: float, ca: str = "") -> None:
        self.place = _split(url)
        self._timeout_s = timeout_s
        self._tls = _trusting(ca) if self.place.scheme == "https" else None
        self._proxy = _proxy(self.place)
        self._link: http.client.HTTPConnection | None = None
        self._late = False

    def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Post ``body`` and return the answer.

        Raises
        ------
        UnreachableError
            If there is none in time.
        """
        if self._link is not None:
            try:
                return self._post(self._link, body, headers)
            except (http.client.HTTPException, OSError) as error:
                self.close()
                if self._late or not isinstance(error, _CLOSED):
                    raise UnreachableError(self._why(error)) from error
        # a kept connection that the server had closed by now says nothing about the server: try a new one
        try:
            self._link = self._connection()
            return self._post(self._link, body, headers)
        except (http.client.HTTPException, OSError, ValueError) as error:
            self.close()
            raise UnreachableError(self._why(error)) from error

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
        self._link = None

    def _post(self, link: http.client.HTTPConnection, body: bytes, headers: Mapping[str, str]) -> Answer:
        self._late = False
        watch = threading.Timer(self._timeout_s, self._cut, (link,))
        watch.daemon = True
        watch.start()
        try:
            link.request("POST", self._target(), body, {**self._login(), **headers})
            answer = link.getresponse()
            text = answer.read(_ENOUGH)
            if not answer.isclosed():
                self.close()
            return Answer(answer.status, f"{answer.reason} {_line(text)}".strip())
        finally:
            watch.cancel()

    def _connection(self) -> http.client.HTTPConnection:
        host, port = self.place.hostname or "", self.place.port
        via = self._proxy
        near = (via.hostname or "", via.port or 8080) if via else (host, port)
        if self._tls is None:
            return http.client.HTTPConnection(*near, timeout=self._timeout_s)
        link = http.client.HTTPSConnection(*near, timeout=self._timeout_s, context=self._tls)
        if via:
            link.set_tunnel(host, port, _basic(via, "Proxy-Authorization"))
        return link

    def _target(self) -> str:
        path = (self.place.path or "/") + (f"?{self.place.query}" if self.place.query else "")
        return f"http://{self._authority()}{path}" if self._proxy and self._tls is None else path

    def _authority(self) -> str:
        return self.place.netloc.rpartition("@")[2]

    def _login(self) -> dict[str, str]:
        through = _basic(self._proxy, "Proxy-Authorization") if self._proxy and self._tls is None else {}
        return {**_basic(self.place, "Authorization"), **through}

    def _why(self, error: Exception) -> str:
        if isinstance(error, ssl.SSLCertVerificationError):
            return f"the certificate of {self._authority()} is not trusted: {error.verify_message}"
        if self._late or isinstance(error, TimeoutError):
            return f"{self._authority()} did not answer within {self._timeout_s:g} s"
        return f"{self._authority()} cannot be reached: {error}"

    def _cut(self, link: http.client.HTTPConnection) -> None:
        """End a wait that each received byte would prolong; beneath TLS, which would want to say goodbye."""
        self._late = True
        if link.sock is not None:
            with suppress(OSError):
                socket.socket.shutdown(link.sock, socket.SHUT_RDWR)


def _split(url: str) -> SplitResult:
    try:
        place = urlsplit(url)
        usable = place.scheme in ("http", "https") and place.hostname and place.port != 0
    except ValueError:
        usable = False
    if not usable or re.search(r"[\x00-\x20\x7f]", url):
        raise SettingError(
            "The address is none of a web server.", remedy="Write one such as https://example.com/hooks/alarms"
        )
    return place._replace(path=_ascii(place.path), query=_ascii(place.query), fragment="")


def _ascii(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=?~-._[]")


def _proxy(place: SplitResult) -> SplitResult | None:
    """Return the proxy that the environment names for a place (http_proxy, https_proxy, no_proxy)."""
    if urllib.request.proxy_bypass(place.hostname or ""):
        return None
    found = urllib.request.getproxies().get(place.scheme)
    return urlsplit(found if "://" in found else f"http://{found}") if found else None


def _basic(place: SplitResult, name: str) -> dict[str, str]:
    if not place.username:
        return {}
    login = f"{unquote(place.username)}:{unquote(place.password or '')}"
    return {name: "Basic " + base64.b64encode(login.encode()).decode()}


def _trusting(ca: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:
        raise SettingError(f"The certificates in {ca} cannot be read: {error}.", remedy="Name a file in PEM.") from None


def _line(text: bytes) -> str:
    return " ".join(text.decode("utf-8", "replace").split())[:200]
