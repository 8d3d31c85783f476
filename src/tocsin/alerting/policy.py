"""The alarm policy: hysteresis, cooldown and incidents, so that one fault rings once and noise not at all."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tocsin.alerting._run import Run
from tocsin.alerting._watch import Judged, Told, Watch
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, BoolArray
from tocsin.core.errors import SettingError
from tocsin.core.state import Stateful


@dataclass(frozen=True)
class Policy(Stateful[Watch, Judged, Told]):
    """Rings after some anomalous windows in a row, stops after some quiet ones, and then rests.

    Parameters
    ----------
    channels
        Number of channels.
    raise_after
        Anomalous windows in a row that open an incident.
    release_below
        An incident's windows count as quiet at scores up to this share of the limit.
    release_after
        Quiet windows in a row that close an incident.
    cooldown
        Windows after a close during which no incident opens.
    """

    channels: int
    raise_after: int = 3
    release_below: float = 0.9
    release_after: int = 3
    cooldown: int = 0

    def __post_init__(self) -> None:
        if self.raise_after < 1 or self.release_after < 1 or self.cooldown < 0:
            raise SettingError(
                "raise_after and release_after count windows from 1, cooldown from 0.",
                remedy="Correct the one that is lower.",
            )
        if not 0 < self.release_below <= 1:
            raise SettingError(
                f"release_below is a share of the limit, above 0 and at most 1, not {self.release_below:g}.",
                remedy="For example: 0.9",
            )

    def init(self, devices: int) -> Watch:
        """Return the state of devices in which nothing has happened yet."""
        zero, never = np.zeros(devices, np.int64), np.full(devices, NEVER)
        return Watch(
            above=zero,
            below=zero.copy(),
            rest=zero.copy(),
            open=np.zeros(devices, np.bool_),
            start=never,
            end=never.copy(),
            peak=never.copy(),
            peak_score=np.zeros(devices),
            peak_limit=np.zeros(devices),
            shares=np.zeros((devices, self.channels)),
            regime=np.zeros(devices, np.uint8),
            revision=zero.copy(),
        )

    def step(self, state: Watch, x: Judged) -> tuple[Watch, Told]:
        """Take one reading of every device."""
        block = Judged(**{f.name: getattr(x, f.name)[:, None] for f in fields(x)})
        after, told = self.scan(state, block, np.ones((len(x.time), 1), np.bool_))
        return after, Told(told.incident[:, 0])

    def scan(self, state: Watch, block: Judged, valid: BoolArray) -> tuple[Watch, Told]:
        """Take a block of readings of every device; see :meth:`tell` for the events too."""
        after, told, _ = self.tell(state, block, valid)
        return after, told

    def tell(self, state: Watch, block: Judged, valid: BoolArray) -> tuple[Watch, Told, list[Event]]:
        """Take a block of readings; return state, what was told, and the events, with devices counted in the block."""
        after = Watch(**{f.name: getattr(state, f.name).copy() for f in fields(state)})
        told = np.full(valid.shape, NEVER)
        events: list[Event] = []
        with np.errstate(invalid="ignore"):
            anomalous = (block.score > block.limit) & valid
        busy = anomalous.any(axis=1) | state.open | (state.above > 0) | (state.rest > 0)
        for device in np.flatnonzero(busy):
            run = Run(self.raise_after, self.release_below, self.release_after, self.cooldown)
            run.load(after, device)
            length = int(valid[device].sum())
            events += run.follow(int(device), _row(block, device, length), anomalous[device, :length], told[device])
            run.save(after, device)
        return after, Told(told), events


def _row(block: Judged, device: np.intp, length: int) -> Judged:
    return Judged(**{f.name: getattr(block, f.name)[device, :length] for f in fields(Judged)})
