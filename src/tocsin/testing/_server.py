"""What servers for tests share: started on a free port, killed, frozen, and started again as they were."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from tocsin.core.errors import TocsinError

_PORTS = range(20_000, 32_000)
"""Below those that the system gives to clients: one that calls a dead server again and again would be given the
server's own port one day, and talk to itself."""
_FOLDERS = ("/usr/sbin", "/usr/local/sbin")
"""Where Debian puts servers, which is not on everybody's path."""
HOST = "127.0.0.1"


class MissingServerError(TocsinError):
    """A server for tests is not installed."""


class Server(ABC):
    """A server for tests: a real process on a free port of the loopback, with its files in a folder of its own.

    Beside ``with``, which starts and ends it, it can be treated as the world treats servers: :meth:`stop`,
    :meth:`kill`, :meth:`freeze`. After :meth:`start` it is back on the same port with the files that it had.

    Parameters
    ----------
    patience_s
        So long it may take to answer.
    """

    def __init__(self, *, patience_s: float = 60.0) -> None:
        self.patience_s = patience_s
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"tocsin-{type(self).__name__.lower()}-"))
        self._child: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is found, as the command line takes it."""

    @abstractmethod
    def command(self) -> Sequence[str]:
        """Return the command that runs it in the foreground; what it reads is written before."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it answers; called until it does."""

    @property
    def user(self) -> str | None:
        """Who runs it, where it must be somebody else than we are."""
        return None

    @property
    def log(self) -> str:
        """What it said, for whoever wonders why it does not start."""
        written = self.folder / "log"
        return written.read_text("utf-8", "replace") if written.exists() else ""

    @property
    def running(self) -> bool:
        """Tell whether there is a process."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """Number of the process."""
        if self._child is None:
            raise TocsinError(f"{type(self).__name__} is not running.")
        return self._child.pid

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> Self:
        """Start it, and wait until it answers.

        Raises
        ------
        TocsinError
            If it ends, or has not answered in time, with what it said.
        """
        groups: Sequence[int] | None = [] if self.user else None
        with (self.folder / "log").open("ab") as log:
            self._child = subprocess.Popen(
                [*_dies_with_us(), *self.command()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                user=self.user,
                group=self.user and _group(self.user),
                extra_groups=groups,
                start_new_session=True,
            )
        self._wait()
        return self

    def stop(self, *, patience_s: float = 20.0) -> None:
        """End it in an orderly way; what it should keep is on the disk."""
        if self._child is None:
            return
        self.thaw()
        self._child.send_signal(self.farewell)
        try:
            self._child.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._child = None

    def kill(self) -> None:
        """End it as a power cut does (SIGKILL), with all processes of its own."""
        if self._child is None:
            return
        self._signal(signal.SIGKILL)
        self._child.wait()
        self._child = None

    def freeze(self) -> None:
        """Let it hang: connections stay open, and nothing is answered, as where a network is away."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """Stop and start it again."""
        self.stop()
        self.start()

    def close(self) -> None:
        """End it and remove its files."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def farewell(self) -> signal.Signals:
        """The signal upon which it ends in an orderly way."""
        return signal.SIGTERM

    def _signal(self, sent: signal.Signals) -> None:
        if self._child is None or self._child.poll() is not None:
            return
        for number in (self._child.pid, *_offspring(self._child.pid)):
            try:
                os.kill(number, sent)
            except ProcessLookupError:
                continue

    def _wait(self) -> None:
        until = time.monotonic() + self.patience_s
        while not self.answers():
            ended = not self.running
            if ended or time.monotonic() > until:
                reason = "ended at once" if ended else f"did not answer within {self.patience_s:g} s"
                said = self.log[-2000:]
                self.kill()
                raise TocsinError(f"{type(self).__name__} on port {self.port} {reason}:\n{said}")
            time.sleep(0.02)


def free_port() -> int:
    """Return a port of the loopback that nobody uses now, below those that the system hands out.

    >>> 20_000 <= free_port() < 32_000
    True
    """
    for port in random.SystemRandom().sample(_PORTS, 200):
        with socket.socket() as tried:
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
            return port
    raise TocsinError("No port of the loopback is free.", remedy="End some of the programs that listen.")


def listens(port: int) -> bool:
    """Tell whether somebody accepts connections on a port of the loopback.

    >>> listens(free_port())
    False
    """
    try:
        socket.create_connection((HOST, port), timeout=1.0).close()
    except OSError:
        return False
    return True


def answers_http(url: str) -> bool:
    """Tell whether an address of the loopback answers a GET with success.

    >>> answers_http(f"http://{HOST}:{free_port()}/healthz")
    False
    """
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url, timeout=1.0) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def binary(name: str, *, package: str, folders: Sequence[str] = ()) -> str:
    """Return the path of a program.

    Raises
    ------
    MissingServerError
        If it is not installed, with the package that brings it.
    """
    path = os.pathsep.join([*folders, os.environ.get("PATH", os.defpath), *_FOLDERS])
    found = shutil.which(name, path=path)
    if found is None:
        raise MissingServerError(f"{name} is not installed.", remedy=f"On Debian: apt-get install {package}")
    return found


def _dies_with_us() -> tuple[str, ...]:
    """Return what to put before a command so that it does not outlive a test run that is killed."""
    own = shutil.which("setpriv")
    return (own, "--pdeathsig", "KILL") if own else ()


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _offspring(number: int) -> Iterator[int]:
    """Return the numbers of all processes below one: PostgreSQL gives each connection its own, in its own session."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # the name, in brackets, may hold blanks and brackets itself
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    left = children.get(number, [])
    while left:
        yield (child := left.pop())
        left += children.get(child, [])
