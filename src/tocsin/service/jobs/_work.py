"""A job at work: its process, with all that this may start, and a thread that listens to it."""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS")

_PARTING_S = 10.0
"""For a process to end once it has told its result."""

News = Callable[[dict[str, Any]], None]


class Work:
    """A job at work.

    Parameters
    ----------
    function, arguments
        What is called in the process; both must be picklable, the function by its name.
    threads
        How many the libraries may use.
    heard
        Called with each line that the process tells, from a thread of its own.
    ended
        Called with the process's return code once it has ended.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        *,
        threads: int,
        heard: News,
        ended: Callable[[int], None],
    ) -> None:
        self._heard, self._ended = heard, ended
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tocsin.service.jobs._worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**dict.fromkeys(_THREADS, str(threads)), **os.environ},
            start_new_session=True,
        )
        self._thread = threading.Thread(target=self._listen, args=(pickle.dumps((function, dict(arguments))),))
        self._thread.daemon = True
        self._thread.start()

    @property
    def pid(self) -> int:
        """The process, which leads a group of its own."""
        return self._process.pid

    def stop(self) -> None:
        """End the process and all that it started, at once."""
        if self._process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def join(self, timeout_s: float) -> None:
        """Wait until it has ended and all was heard."""
        if self._thread is not threading.current_thread():
            self._thread.join(timeout_s)

    def _listen(self, order: bytes) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(len(order).to_bytes(8, "big") + order)
            self._process.stdin.flush()
        for line in self._process.stdout:
            with contextlib.suppress(ValueError):  # the last line of a process that was killed
                self._heard(news := json.loads(line))
                if "progress" not in news:
                    break
        code = self._code()
        self._process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._ended(code)

    def _code(self) -> int:
        """Wait for the process to end, and end what it left behind; return its code."""
        try:
            code = self._process.wait(_PARTING_S)
        except subprocess.TimeoutExpired:
            self.stop()
            code = self._process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        return code
