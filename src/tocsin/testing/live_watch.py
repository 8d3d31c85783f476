"""``tocsin watch`` as a process of its own, to be stopped, killed, frozen and looked at from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from tocsin.core.errors import TocsinError
from tocsin.testing._server import HOST, free_port


class LiveWatch:
    """A watch in a process of its own.

    Parameters
    ----------
    arguments
        What stands behind ``tocsin watch``.
    folder
        Where it runs, and where its log goes.
    environment
        Variables beside our own.
    name
        Tells the logs of several watches apart.
    """

    def __init__(
        self, *arguments: str | Path, folder: Path, environment: Mapping[str, str] | None = None, name: str = "watch"
    ) -> None:
        self.arguments: Sequence[str] = [str(argument) for argument in arguments]
        self.folder, self.name = folder, name
        self.metrics = f"{HOST}:{free_port()}"
        self._environment = {**os.environ, **(environment or {})}
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def log(self) -> str:
        """What it said, in all its lives."""
        written = self.folder / f"{self.name}.log"
        return written.read_text("utf-8", "replace") if written.exists() else ""

    @property
    def running(self) -> bool:
        """Tell whether it is alive."""
        return self._child is not None and self._child.poll() is None

    @property
    def pid(self) -> int:
        """Number of the process."""
        if self._child is None:
            raise TocsinError("The watch is not running.")
        return self._child.pid

    def start(self) -> Self:
        """Start it, and do not wait; see :meth:`ready`."""
        command = [sys.executable, "-m", "tocsin.cli", "watch", *self.arguments, "--metrics", self.metrics]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self._child = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return self

    def ready(self, *, patience_s: float = 120.0) -> Self:
        """Wait until it says that broker and store are there."""
        self.until(lambda: self._page("readyz") is not None, "it is ready", patience_s=patience_s)
        return self

    def until(self, true: Callable[[], bool], what: str, *, patience_s: float = 120.0) -> None:
        """Wait until something is true while the watch runs.

        Raises
        ------
        TocsinError
            If it takes too long, or the watch ends meanwhile, with what it said.
        """
        until = time.monotonic() + patience_s
        while not true():
            if not self.running:
                raise TocsinError(f"The watch ended before {what}:\n{self.log[-3000:]}")
            if time.monotonic() > until:
                raise TocsinError(f"Not within {patience_s:g} s: {what}.\n{self.log[-3000:]}")
            time.sleep(0.05)

    def stop(self, *, patience_s: float = 60.0) -> float:
        """End it as systemd does (SIGTERM); return the seconds that it took.

        Raises
        ------
        TocsinError
            If it does not end, or not well, with what it said.
        """
        started = time.monotonic()
        os.kill(self.pid, signal.SIGTERM)
        self.wait(patience_s=patience_s)
        return time.monotonic() - started

    def wait(self, *, patience_s: float = 120.0) -> None:
        """Wait until it has ended by itself.

        Raises
        ------
        TocsinError
            If it does not end, or not well, with what it said.
        """
        assert self._child is not None
        try:
            code = self._child.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TocsinError(f"The watch has not ended within {patience_s:g} s:\n{self.log[-3000:]}") from None
        if code:
            raise TocsinError(f"The watch ended with code {code}:\n{self.log[-3000:]}")

    def kill(self) -> None:
        """End it as a power cut does (SIGKILL)."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def signal(self, sent: signal.Signals) -> None:
        """Send it a signal, such as SIGHUP or SIGSTOP."""
        os.kill(self.pid, sent)

    def meter(self, name: str) -> float:
        """Return one of its meters, summed over its labels; 0 where it does not tell."""
        page = self._page("metrics") or ""
        lines = (line for line in page.splitlines() if line.startswith((f"{name} ", f"{name}{{")))
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def memory(self) -> int:
        """Return the bytes of memory that it holds now."""
        fields = Path(f"/proc/{self.pid}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def seconds(self) -> float:
        """Return the processor seconds that it has taken."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _page(self, name: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://{self.metrics}/{name}", timeout=10) as answer:
                return str(answer.read().decode())
        except (OSError, urllib.error.URLError):
            return None
