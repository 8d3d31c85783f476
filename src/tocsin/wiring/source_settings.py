"""The sections [source.NAME]: where readings come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.wiring.urls import Written

if TYPE_CHECKING:
    from tocsin.core.live import Expected, Source


@dataclass(frozen=True)
class SourceSettings:
    """Where readings come from, and in what portions they are judged.

    Parameters
    ----------
    url
        A kind of source and its address: "mqtt://localhost:1883/plant/{device}/env", "kafka://localhost:9092/readings",
        "tail:readings.csv", "replay:readings.csv?speed=10", "sql:postgresql://host/plant?table=readings".
    batch_rows
        Readings that are judged together at most.
    batch_ms
        How long the first of them waits for others at most, in ms.
    """

    url: str
    batch_rows: int = 4096
    batch_ms: float = 50.0

    @property
    def stretches(self) -> bool:
        """Whether it brings what edges forward: stretches of readings with nothing between them.

        >>> SourceSettings("mqtt://centre/tocsin/+/windows?payload=cascade").stretches
        True
        """
        return "payload=cascade" in self.url.partition("?")[2].split("&")

    def source(self, expect: Expected, *, where: str) -> Source:
        """Return the source; nothing is opened yet.

        Raises
        ------
        SettingError
            If there is no such source, or it cannot work; ``where`` is named.
        """
        found: Source = Written.parse("sources", self.url, where=where).part(expect)
        return found
