"""A service for tests: ``tocsin serve`` in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tocsin.testing._server import HOST, Server, answers_http


class Service(Server):
    """The service, with a folder and a store of its own that :meth:`stop` and :meth:`start` keep.

    Parameters
    ----------
    store
        URL of the store; None for one in its folder.
    arguments
        What stands behind ``tocsin serve`` beside its place.
    """

    def __init__(self, *, store: str | None = None, arguments: Sequence[str] = (), patience_s: float = 60.0) -> None:
        super().__init__(patience_s=patience_s)
        self._arguments = arguments
        self.store = store or f"sqlite:///{self.folder / 'tocsin.db'}"

    @property
    def url(self) -> str:
        """``http://host:port``."""
        return f"http://{HOST}:{self.port}"

    @property
    def artifacts(self) -> Path:
        """Where its artifacts are kept."""
        return self.folder / "service" / "artifacts"

    def command(self) -> Sequence[str]:
        """Return the command."""
        place = ["--host", HOST, "--port", str(self.port), "--folder", str(self.folder / "service")]
        return [sys.executable, "-m", "tocsin.cli", "serve", *place, "--store", self.store, *self._arguments]

    def answers(self) -> bool:
        """Tell whether it answers."""
        return answers_http(f"{self.url}/healthz")
