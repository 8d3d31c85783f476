"""The link to a broker: a thread that listens, acknowledges, and gets through again whenever the connection is gone."""

from __future__ import annotations

import contextlib
import logging
import random
import selectors
import socket
import threading
import time

from tocsin.core.errors import InputError
from tocsin.sources._mqtt_inbox import Inbox
from tocsin.sources._mqtt_line import Line, RefusedError
from tocsin.sources._mqtt_wanted import Wanted
from tocsin.sources._mqtt_wire import Wire
from tocsin.sources._stamps import NOTICED_NS, Stamps

log = logging.getLogger(__name__)

_IDLE_S = 1.0
_DOUBT_S = _IDLE_S + NOTICED_NS / 1e9
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_STEADY_S = 20.0
_RIVAL = "; perhaps another client has the name %s too: give each watch a client= of its own"


class Link:
    """Listens to a broker in a thread of its own, for as long as it takes.

    It pings the broker after each quiet second, so that silence of the broker is told from silence of the devices
    within three. While the inbox is full, it reads nothing more, and TCP holds the broker back.

    Parameters
    ----------
    wanted
        Where to connect to, as whom, and what to subscribe to.
    inbox
        Where messages go.
    stamps
        The clock of arrivals.
    returning
        Has the broker a session of ours from an earlier process?
    """

    def __init__(self, wanted: Wanted, inbox: Inbox, stamps: Stamps, *, returning: bool = False) -> None:
        self._wanted, self._inbox, self._stamps, self._returning = wanted, inbox, stamps, returning
        self._where = f"{wanted.host}:{wanted.port}"
        self._bell: socket.socket | None = None
        self._posts: list[tuple[str, bytes]] = []
        self._up = False
        self._heard_at = 0.0
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, *, wait_s: float) -> None:
        """Get through, trying for at most ``wait_s``, and begin to listen.

        Raises
        ------
        InputError
            If the broker turns us away, or cannot be reached in time.
        """
        until, said = time.monotonic() + wait_s, False
        while True:
            try:
                line = Line(self._wanted)
                break
            except RefusedError as error:
                raise _hopeless(self._where, error) from None
            except UnicodeError:
                raise _nameless(self._wanted.host) from None
            except OSError as error:
                if time.monotonic() > until:
                    nameless = isinstance(error, socket.gaierror)
                    raise (_nameless(self._wanted.host) if nameless else _hopeless(self._where, error)) from None
                if not said:
                    log.warning("no connection to %s yet: %s; trying for %.0f s", self._where, error, wait_s)
                    said = True
            time.sleep(0.2)
        log.info("connected to %s, listening to %s", self._where, self._wanted.filter, extra={"session": line.session})
        self._bell, ear = socket.socketpair()
        self._bell.setblocking(False)
        ear.setblocking(False)
        self._thread = threading.Thread(target=self._run, args=(line, ear), name=f"mqtt {self._where}", daemon=True)
        self._thread.start()

    @property
    def broken(self) -> bool:
        """Whether the thread has died of something that nobody foresaw."""
        return self._thread is not None and not self._thread.is_alive() and not self._closing.is_set()

    def connected(self) -> bool:
        """Tell whether the broker was heard within the last seconds, and all that follows from that was read."""
        return self._up and time.monotonic() - self._heard_at < _DOUBT_S and not self._inbox.is_shifted

    def post(self, topic: str, payload: bytes) -> None:
        """Publish a message at QoS 0 as soon as possible; one that cannot be is dropped."""
        self._posts.append((topic, payload))
        self.ring()

    def ring(self) -> None:
        """Wake the thread: there is something to send."""
        if self._bell is not None:
            with contextlib.suppress(OSError):
                self._bell.send(b"!")

    def close(self) -> None:
        """Say goodbye, within a second, and stop. The broker keeps the session."""
        self._closing.set()
        self.ring()
        if self._thread is not None:
            self._thread.join(1.0 + _IDLE_S)
        if self._bell is not None:
            self._bell.close()
        self._inbox.close()

    def _run(self, line: Line | None, ear: socket.socket) -> None:
        with ear:
            self._keep_listening(line, ear)

    def _keep_listening(self, line: Line | None, ear: socket.socket) -> None:
        pause, thrown_out = _FIRST_PAUSE_S, 0
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                if line is None:
                    line = Line(self._wanted)
                    log.warning("connected to %s again", self._where, extra={"broker": self._where})
                self._welcome(line)
                self._listen(line, ear)
            except OSError as error:
                thrown_out = thrown_out + 1 if line is not None and time.monotonic() - began < _STEADY_S else 0
                if not self._closing.is_set():
                    rival = _RIVAL % self._wanted.client if thrown_out > 1 else ""
                    log.warning("no connection to %s: %s; trying again%s", self._where, error, rival)
            finally:
                self._up = False
                if line is not None:
                    line.wire.close()
            line, pause = None, self._wait(_FIRST_PAUSE_S if time.monotonic() - began > _STEADY_S else pause)

    def _wait(self, pause: float) -> float:
        """Wait before trying again, each time longer: a fleet must not come back at once, nor two fight for a name."""
        self._closing.wait(pause * random.uniform(0.5, 1.0))
        return min(2 * pause, _LONGEST_PAUSE_S)

    def _welcome(self, line: Line) -> None:
        if self._returning and not line.session:
            log.error(
                "%s did not keep our session: readings that came while we were away are lost",
                self._where,
                extra={"broker": self._where},
            )
        self._returning = True
        self._inbox.reconnected(session=line.session)
        self._take_in(line)
        self._up = True

    def _listen(self, line: Line, ear: socket.socket) -> None:
        """Listen until the connection is gone or nobody wants to hear more."""
        asked_at = sent_at = time.monotonic()
        with selectors.DefaultSelector() as selector:
            selector.register(ear, selectors.EVENT_READ)
            watched = 0
            while not self._closing.is_set():
                listening = self._inbox.has_room
                watched = _watch(selector, line.wire, watched, reads=listening)
                selector.select(0 if listening and line.waiting else _IDLE_S / 2)
                if listening:
                    self._receive(line)
                now = time.monotonic()
                quiet = now - (self._heard_at if listening else sent_at) >= _IDLE_S
                if now - asked_at >= _IDLE_S and (quiet or now - sent_at >= line.keepalive_s / 2):
                    line.ping()
                    asked_at = now
                self._answer(line, ear)
                if line.wire.unsent:
                    line.wire.flush()
                    sent_at = now
                if listening and now - self._heard_at > line.keepalive_s:
                    raise TimeoutError("it does not answer any more")
            line.hang_up()

    def _receive(self, line: Line) -> None:
        """Read some of what is there; what came before the connection broke counts, too."""
        try:
            line.read()
        finally:
            if line.waiting or line.wire.heard_at > self._heard_at:
                self._take_in(line)

    def _take_in(self, line: Line) -> None:
        messages, arrived = line.taken(), self._stamps.beat(due_ns=int(_IDLE_S * 1e9))
        self._heard_at = time.monotonic()
        shift_ns = self._stamps.shift()
        if messages or shift_ns:
            self._inbox.put(messages, arrived, shift_ns=shift_ns)

    def _answer(self, line: Line, ear: socket.socket) -> None:
        """Hand over what there is to send."""
        with contextlib.suppress(BlockingIOError):
            ear.recv(4_096)
        line.acknowledge(self._inbox.acknowledgements())
        while self._posts:
            line.post(*self._posts.pop(0))


def _watch(selector: selectors.BaseSelector, wire: Wire, watched: int, *, reads: bool) -> int:
    """Have the selector wake us for what we can do; return what that is."""
    wanted = (selectors.EVENT_READ if reads else 0) | (selectors.EVENT_WRITE if wire.unsent else 0)
    if wanted != watched:
        if not watched:
            selector.register(wire, wanted)
        elif not wanted:
            selector.unregister(wire)
        else:
            selector.modify(wire, wanted)
    return wanted


def _nameless(host: str) -> InputError:
    return InputError(f"There is no host {host}.", remedy="Correct its name, or the network.")


def _hopeless(where: str, error: OSError) -> InputError:
    what = str(error) if isinstance(error, RefusedError) or not error.strerror else error.strerror.lower()
    remedy = "Correct the address: mqtt://user:password@host:1883/plant/+/env, or mqtts:// for TLS."
    if isinstance(error, RefusedError) and "certificate" in what:
        remedy = "Name whom to trust with ca=/path/to/ca.pem."
    elif "protocol version" in what:
        remedy = "Add version=3.1.1 to the address."
    return InputError(f"There is no connection to the broker {where}: {what}.", remedy=remedy)
