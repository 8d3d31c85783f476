"""The herald: tells a service what a watch judges, four times a second, and never holds up an alarm."""

from __future__ import annotations

import http.client
import json
import logging
import ssl
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from tocsin.core.errors import SettingError
from tocsin.core.frames import Frame
from tocsin.core.notices import Notice
from tocsin.engine.live._gathering import Gathering

EVERY_S = 0.25
LONGEST_PAUSE_S = 15.0
REFUSED_PAUSE_S = 30.0
TIMEOUT_S = 5.0
END_S = 1.0
"""So long the last news has to reach the service when a watch ends."""
VARIABLE = "TOCSIN_TOKEN"
_FINAL = (400, 413, 422)
"""A frame that is answered so will never be taken."""

_LOG = logging.getLogger(__name__)


class Herald:
    """Pushes verdicts and news to a service, from a thread of its own.

    What it is given waits in bounded memory: while the service is away, or slow, older verdicts are left out and
    counted. Nothing depends on it: alarms go their own way, and the store has everything that matters.

    Parameters
    ----------
    service
        The service's URL, such as "http://127.0.0.1:8420".
    watch
        What this watch is called there.
    token
        One with the scope "operate"; "" where the service asks for none.

    Raises
    ------
    SettingError
        If the URL is none.

    Examples
    --------
    >>> herald = Herald("http://127.0.0.1:8420", watch="plant", token="")
    >>> herald.place
    'http://127.0.0.1:8420'
    """

    def __init__(self, service: str, *, watch: str, token: str) -> None:
        self._url = _checked(service)
        self._watch, self._token = watch, token
        self._gathering = Gathering()
        self._halt = threading.Event()
        self._thread: threading.Thread | None = None
        self._connection: http.client.HTTPConnection | None = None
        self._trouble, self._pause_s = "", EVERY_S

    @property
    def place(self) -> str:
        """Where the service is, without a password."""
        return f"{self._url.scheme}://{self._url.netloc.rpartition('@')[2]}{self._url.path.rstrip('/')}"

    def show(self, frames: Sequence[Frame], news: Sequence[Notice]) -> None:
        """Take what is to be told; returns at once."""
        self._gathering.add(frames, news)

    def start(self) -> None:
        """Begin to tell."""
        self._thread = threading.Thread(target=self._run, name="tocsin-herald", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Tell the last, and end; takes a second at most. May be called more than once."""
        self._halt.set()
        if self._thread is not None:
            self._thread.join(END_S + 0.5)

    def _run(self) -> None:
        while not self._halt.wait(self._pause_s):
            self._tell_all(TIMEOUT_S)
        if not self._trouble:
            self._tell_all(END_S)
        self._hang_up()

    def _tell_all(self, timeout_s: float) -> None:
        """Tell what has gathered; of what could not be told, the newest is tried again."""
        began, waiting = time.monotonic(), self._gathering.take()
        while waiting:
            try:
                self._post(waiting[0].document(self._watch), timeout_s)
            except _Away as away:
                self._note(str(away))
                self._pause_s = away.pause_s or min(2 * max(self._pause_s, EVERY_S), LONGEST_PAUSE_S)
                self._gathering.give_back(waiting[1:] if away.final else waiting)
                return
            waiting = waiting[1:]
            self._note("")
        self._pause_s = max(0.01, EVERY_S - (time.monotonic() - began))

    def _post(self, document: dict[str, Any], timeout_s: float) -> None:
        """Send a frame."""
        body = json.dumps(document, allow_nan=False, ensure_ascii=False).encode(errors="replace")
        try:
            status, detail = self._answer(body, timeout_s)
        except ValueError:  # what it says would show the token
            self._hang_up()
            raise _Away(f"the token in ${VARIABLE} is none", pause_s=REFUSED_PAUSE_S) from None
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            raise _Away(f"it does not answer ({_reason(error)})") from None
        if status in (401, 403):
            raise _Away(f"it refuses the token in ${VARIABLE}: {detail}", pause_s=REFUSED_PAUSE_S)
        if status in (404, 405):
            raise _Away("there is no tocsin service at that address", pause_s=REFUSED_PAUSE_S)
        if status >= 300:
            raise _Away(f"it answers {status}: {detail}", final=status in _FINAL)

    def _answer(self, body: bytes, timeout_s: float) -> tuple[int, str]:
        connection = self._connected(timeout_s)
        head = {"Content-Type": "application/json"}
        if self._token:
            head["Authorization"] = f"Bearer {self._token}"
        connection.request("POST", f"{self._url.path.rstrip('/')}/v1/frames", body, head)
        answer = connection.getresponse()
        content = answer.read(65_536)
        if answer.will_close or answer.status >= 300:
            self._hang_up()
        return answer.status, _detail(content)

    def _connected(self, timeout_s: float) -> http.client.HTTPConnection:
        if self._connection is None:
            host, port = self._url.hostname or "", self._url.port
            if self._url.scheme == "https":
                context = ssl.create_default_context()
                self._connection = http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)
            else:
                self._connection = http.client.HTTPConnection(host, port, timeout=timeout_s)
        self._connection.timeout = timeout_s
        if self._connection.sock is not None:
            self._connection.sock.settimeout(timeout_s)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(OSError):
                self._connection.close()
            self._connection = None

    def _note(self, trouble: str) -> None:
        """Say once that the service is away, and once that it is back."""
        if trouble and not self._trouble:
            _LOG.warning("The service %s is not told what is judged: %s. Alarms go on.", self.place, trouble)
        elif self._trouble and not trouble:
            _LOG.info("The service %s is told again what is judged.", self.place)
        self._trouble = trouble


class _Away(Exception):  # noqa: N818  # it says what is
    """The service did not take a frame; ``final`` where it never will take that one."""

    def __init__(self, why: str, *, pause_s: float = 0.0, final: bool = False) -> None:
        super().__init__(why)
        self.pause_s, self.final = pause_s, final


def _checked(service: str) -> Any:
    try:
        url = urlsplit(service)
        known = url.scheme in ("http", "https") and url.hostname and (url.port or 1)
    except ValueError:
        known = False
    if not known:
        raise SettingError(f"{service!r} is no service.", remedy="For example: --service http://127.0.0.1:8420")
    return url


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)


def _detail(content: bytes) -> str:
    """Return what a problem says, in one line."""
    try:
        found = json.loads(content)
        return " ".join(str(found.get("detail", "")).split())[:300]
    except (ValueError, AttributeError):
        return ""
