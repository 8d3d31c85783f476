"""The dashboard's pages for tests: ``tocsin dashboard --service`` in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tocsin.testing._server import HOST, Server, answers_http


class Pages(Server):
    """The dashboard of a service that runs already.

    Parameters
    ----------
    service
        URL of the service.
    """

    def __init__(self, service: str, *, patience_s: float = 60.0) -> None:
        super().__init__(patience_s=patience_s)
        self._service = service

    @property
    def url(self) -> str:
        """``http://host:port``."""
        return f"http://{HOST}:{self.port}"

    def command(self) -> Sequence[str]:
        """Return the command."""
        place = ["--service", self._service, "--host", HOST, "--port", str(self.port)]
        return [sys.executable, "-m", "tocsin.cli", "dashboard", *place, "--no-browser"]

    def answers(self) -> bool:
        """Tell whether it answers."""
        return answers_http(f"{self.url}/_stcore/health")
