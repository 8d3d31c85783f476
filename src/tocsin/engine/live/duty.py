"""A duty: which artifact watches which devices. A watch has one or more."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property

from tocsin.alerting.span import Span
from tocsin.artifact.artifact import Artifact
from tocsin.engine.forward import Forward
from tocsin.engine.live._memory import fingerprint

_PATIENCE_NS = 2 * 10**9
"""So long a reading waits for its other channels at most, where nobody says otherwise."""


@dataclass(frozen=True, eq=False)
class Duty:
    """An artifact, and the devices it is for.

    Parameters
    ----------
    artifact
        What judges.
    name
        Tells duties apart, and goes into the ids of incidents; "" for the only one.
    devices
        Patterns of names such as ``room-*``. A device belongs to the first duty with a pattern that fits.
    stale_after
        So long a silence is an incident: a number of cadences, or a time; None for never.
    forget_after_ns
        A device that was silent for so long is forgotten, and its memory freed; 0 for never.
    allowance_ns
        So long a reading waits, by the clock of arrivals, for others of its device that were taken earlier; 0: readings
        are judged as they come, as those of a file are. Of no use where the artifact's clock gathers readings on a
        grid, which has a lateness of its own.
    most_devices
        Devices that may be known at a time; readings of more are put aside, so that a flood of names fills no memory.
    keep_every_ns
        Of verdicts that are nothing special one is kept in each stretch of so long; 0 keeps all. Anomalous ones, those
        that were told and those without a score are always kept.
    forward
        What of the readings is forwarded to a centre; None for nothing.
    """

    artifact: Artifact
    name: str = ""
    devices: tuple[str, ...] = ("*",)
    stale_after: Span | None = None
    forget_after_ns: int = 30 * 86_400 * 10**9
    allowance_ns: int = 0
    most_devices: int = 200_000
    keep_every_ns: int = 60 * 10**9
    forward: Forward | None = None

    def fits(self, device: str) -> bool:
        """Tell whether the device is one of those it is for."""
        return any(fnmatchcase(device, pattern) for pattern in self.devices)

    @cached_property
    def silence_ns(self) -> int:
        """So long a silence is an incident, in ns; 0 for never."""
        if self.stale_after is None:
            return 0
        return max(self.stale_after.windows * self.artifact.clock.period_ns, self.stale_after.ns)

    @cached_property
    def patience_ns(self) -> int:
        """So long a reading waits for channels that do not come, where channels come one by one, in ns."""
        return self.allowance_ns or min(self.artifact.clock.period_ns // 4, _PATIENCE_NS)

    @cached_property
    def version(self) -> str:
        """What tells the artifact's versions apart: twelve hexadecimal digits."""
        return fingerprint(self.artifact)[:12]
