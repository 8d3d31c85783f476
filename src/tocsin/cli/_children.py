"""Processes of our own beside this one: they end when it ends, however it ends, and tell why they could not start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Self

from tocsin.core.errors import TocsinError

_PATIENCE_S = 4.0
"""So long a child may take to end in good order."""


class Child:
    """A part of tocsin in a process of its own.

    Its standard input is a pipe that we hold: when we are gone, even by a kill, it closes, and the child ends. Secrets
    are handed over in the environment, never in arguments, which everybody on the machine can read.

    Parameters
    ----------
    part
        Function of ``tocsin.cli._child`` that it runs.
    told
        What that function is given, as JSON.
    environment
        Variables beside our own.
    """

    def __init__(self, part: str, told: Mapping[str, Any], *, environment: Mapping[str, str]) -> None:
        self._told = ""
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tocsin.cli._child", part, json.dumps(dict(told))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **environment},
            start_new_session=True,  # Ctrl-C is for us; we tell our children
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ask()
        self.end()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._child.pid

    def check(self) -> None:
        """Raise what the child could not start or go on for.

        Raises
        ------
        TocsinError
            If it has ended.
        """
        if self._child.poll() is None:
            return
        self._reader.join(1.0)
        raise self._failure()

    def ask(self) -> None:
        """Ask it to end, and do not wait."""
        if self._child.poll() is None:
            self._child.terminate()

    def end(self) -> None:
        """Wait until it has ended; one that takes too long is killed."""
        try:
            self._child.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(1.0)
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()

    def _listen(self) -> None:
        assert self._child.stdout is not None
        self._told = self._child.stdout.read()

    def _failure(self) -> TocsinError:
        lines = self._told.strip().splitlines()
        try:
            found = json.loads(lines[-1])
            return TocsinError(found["message"], remedy=found["remedy"])
        except (IndexError, ValueError, KeyError, TypeError):
            return TocsinError(
                f"A part of the dashboard ended by itself (code {self._child.returncode}).",
                remedy="Look above for what it said, and start again.",
            )
