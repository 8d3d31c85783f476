"""What is odd about a table as a whole: the quality report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from tocsin.sources.tables._cadence import Cadence
from tocsin.sources.tables._finding import Finding
from tocsin.sources.tables._spans import in_words

_TOLD = 4  # channels told one by one for each topic


@dataclass(frozen=True)
class Quality:
    """The quality report of a table.

    Parameters
    ----------
    rows
        Number of readings.
    devices
        Number of devices.
    start_ns, end_ns
        Earliest and latest time, ns since the epoch, or row numbers where rows are the clock.
    cadence
        How often readings come.
    findings
        The oddities, in the order in which they are told.
    """

    rows: int
    devices: int
    start_ns: int
    end_ns: int
    cadence: Cadence
    findings: tuple[Finding, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Return the report for a terminal, one line each."""
        fleet = "1 device" if self.devices == 1 else f"{self.devices:,} devices"
        return (
            f"{self.rows:,} readings of {fleet}{self._span()}, {self.cadence.text()}",
            *self._told(),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return asdict(self)

    def _told(self) -> Iterator[str]:
        """Tell all, but of an oddity that many channels share only the first few."""
        topics = Counter(finding.topic for finding in self.findings)
        told: Counter[str] = Counter()
        for finding in self.findings:
            told[finding.topic] += 1
            if told[finding.topic] <= _TOLD:
                yield f"{finding.level}: {finding.text}"
            elif told[finding.topic] == topics[finding.topic]:
                yield f"{finding.level}: {finding.topic} in {topics[finding.topic] - _TOLD} more channels"

    def _span(self) -> str:
        if self.cadence.row_clock:
            return ""
        stamps = (
            datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M") for ns in (self.start_ns, self.end_ns)
        )
        return f", {' to '.join(stamps)} UTC ({in_words(self.end_ns - self.start_ns)})"


def _stamp(ns: int) -> str:
    return datetime.fromtimestamp(ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M")
