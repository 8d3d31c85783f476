"""What came of a cascade's rehearsal: for each forwarding level what was sent, and what that cost."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.arrays import BoolArray, FloatArray


@dataclass(frozen=True)
class Event:
    """Something that the centre alone finds: a labelled event, or an incident where there are no labels.

    Parameters
    ----------
    device
        Its name.
    start, end
        In ns, or row numbers.
    opened
        When the centre alone would have told it.
    heat
        Its greatest score at the edge, as a share of the limit: at a level below it, it is forwarded.
    """

    device: str
    start: int
    end: int
    opened: int
    heat: float


@dataclass(frozen=True)
class Step:
    """What would have been at a forwarding level.

    Parameters
    ----------
    level
        Share of the edge's limit above which a reading is forwarded.
    forwarded
        Readings.
    sent
        Bytes.
    missed
        Events that the centre alone finds, and the cascade would not.
    later
        By how much later each of the others would have been told, in ns or rows; below 0 for earlier.
    lost, added
        Incidents that the centre alone tells and the cascade does not, and the other way round.
    same
        Incidents that are the same in start, peak and severity.
    """

    level: float
    forwarded: int
    sent: int
    missed: tuple[Event, ...]
    later: tuple[int, ...]
    lost: int
    added: int
    same: int


@dataclass(frozen=True, eq=False)
class CascadeRehearsal:
    """What a cascade would have done with readings of the past.

    Parameters
    ----------
    readings
        How many there were.
    raw
        Bytes that sensors would have sent: a flat object of JSON for each reading.
    labelled
        Were events taken from labels? Else they are the incidents of the centre alone.
    left
        Labelled events that the centre alone does not find either; no cascade could.
    events
        Those it does find.
    incidents
        How many incidents the centre alone tells.
    steps
        By level, rising.
    asked
        The level that was asked for.
    recommended
        The highest level at which, and below which, nothing is missed, with a margin; None where there is none.
    heat
        ndarray of shape (readings,), float64: score at the edge as a share of its limit, NaN where there is none.
    forwarded
        ndarray of shape (readings,), bool: what is sent at the level asked for.
    told
        ndarray of shape (readings,), bool: lies in an incident that the cascade tells at the level asked for.
    labels
        ndarray of shape (readings,), bool: lies in an event.
    row_clock
        Are times row numbers?
    """

    readings: int
    raw: int
    labelled: bool
    left: int
    events: tuple[Event, ...]
    incidents: int
    steps: tuple[Step, ...]
    asked: float
    recommended: float | None
    heat: FloatArray
    forwarded: BoolArray
    told: BoolArray
    labels: BoolArray
    row_clock: bool = False

    @property
    def chosen(self) -> Step:
        """What would have been at the level that was asked for."""
        return next(step for step in self.steps if step.level == self.asked)

    def saved(self, step: Step) -> float:
        """Return which share of the raw bytes would not have been sent."""
        return 1 - step.sent / self.raw if self.raw else 0.0
