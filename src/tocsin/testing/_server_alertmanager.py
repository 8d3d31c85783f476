"""Alertmanager for tests: what Prometheus hands its alerts to."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Sequence
from typing import Any

from tocsin.testing._server import HOST, Server, binary

_SETTINGS = "route: {receiver: nobody}\nreceivers: [{name: nobody}]\n"


class Alertmanager(Server):
    """An Alertmanager that takes alerts and tells nobody."""

    def __init__(self, *, patience_s: float = 60.0) -> None:
        self._binary = binary("prometheus-alertmanager", package="prometheus-alertmanager")
        super().__init__(patience_s=patience_s)

    @property
    def url(self) -> str:
        """``http://host:port``."""
        return f"http://{HOST}:{self.port}"

    def command(self) -> Sequence[str]:
        """Return the command, having written its settings."""
        (self.folder / "settings.yml").write_text(_SETTINGS)
        place = [f"--config.file={self.folder}/settings.yml", f"--storage.path={self.folder}/kept"]
        return [self._binary, *place, f"--web.listen-address={HOST}:{self.port}", "--cluster.listen-address="]

    def answers(self) -> bool:
        """Tell whether it is ready."""
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that it holds, as API v2 gives them."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts", timeout=10) as answer:
            found: list[dict[str, Any]] = json.load(answer)
        return found
