"""What comes of a batch while it is being judged, until it is told as tidings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from tocsin.core.arrays import ByteArray
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.frames import Frame
from tocsin.core.notices import Notice
from tocsin.core.tidings import Kept, Tidings
from tocsin.core.verdicts import Status


@dataclass(eq=False)
class Tale:
    """A batch's news, as they come; fields as in :class:`~tocsin.core.tidings.Tidings`."""

    notices: list[Notice] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    dead: list[DeadLetter] = field(default_factory=list)
    readings: int = 0
    aside: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    pinned: bool = False
    frames: list[Frame] = field(default_factory=list)
    forwards: list[Arrivals] = field(default_factory=list)
    stretches: int = 0

    def tell(self, notices: Iterable[Notice]) -> None:
        """Add news of incidents."""
        self.notices.extend(notices)

    def keep(self, kept: Kept) -> None:
        """Add verdicts to keep."""
        if len(kept):
            self.kept.append(kept)

    def show(self, frame: Frame | None) -> None:
        """Add what those who look on are shown."""
        if frame is not None:
            self.frames.append(frame)

    def forward(self, some: Arrivals, stretches: int) -> None:
        """Add readings to be forwarded, with which so many stretches begin."""
        self.forwards.append(some)
        self.stretches += stretches

    def join(self, other: Tale) -> None:
        """Add what another tale tells."""
        self.tell(other.notices)
        self.kept.extend(other.kept)
        self.frames.extend(other.frames)
        self.forwards.extend(other.forwards)
        self.stretches += other.stretches
        self.statuses.update(other.statuses)

    def count(self, status: ByteArray) -> None:
        """Count verdicts by status."""
        for code in np.flatnonzero(found := np.bincount(status, minlength=1)).tolist():
            self.statuses[Status(code).name] += int(found[code])

    @property
    def speaks(self) -> bool:
        """Whether there is anything in it to be written."""
        return bool(self.notices or self.kept or self.forwards)

    def tidings(self) -> Tidings:
        """Return everything."""
        return Tidings(
            notices=tuple(self.notices),
            kept=tuple(self.kept),
            dead=tuple(self.dead),
            readings=self.readings,
            aside=self.aside,
            statuses=dict(self.statuses),
            pinned=self.pinned,
            frames=tuple(self.frames),
            forwards=tuple(self.forwards),
            stretches=self.stretches,
        )
