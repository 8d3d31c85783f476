"""The sections [sink.NAME]: whom to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.sinks import sink_of
from tocsin.wiring.urls import Written

if TYPE_CHECKING:
    from tocsin.core.live import Sink


@dataclass(frozen=True)
class SinkSettings:
    """Whom to tell of incidents.

    Parameters
    ----------
    url
        A kind of sink and its address: "log", "log:incidents.jsonl", "webhook:https://host/path",
        "alertmanager:http://localhost:9093", "mqtt://localhost/alarms", "kafka://localhost:9092/alarms",
        "notify:mailto://user:password@host".
    """

    url: str

    def sink(self, *, where: str) -> Sink:
        """Return the sink; nothing is opened yet.

        Raises
        ------
        SettingError
            If there is no such sink, or it cannot work; ``where`` is named.
        """
        written = Written.parse("sinks", self.url, where=where)
        found: Sink = written.made(lambda: sink_of(written.name, written.rest))
        return found
