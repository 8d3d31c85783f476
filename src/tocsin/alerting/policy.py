"""The alarm policy: when to ring, of what, and when to be quiet, so that one fault rings once and noise not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np

from tocsin.alerting._heard import hear
from tocsin.alerting._load import runs_of, saved, tallied, tallies_of
from tocsin.alerting._series import series_of
from tocsin.alerting._tables import Law, Tables, tables_of
from tocsin.alerting._tally import ADOPTED
from tocsin.alerting._watch import Judged, Told, Watch
from tocsin.alerting.calendar import Calendar
from tocsin.alerting.device_rule import DeviceRule, rule_of
from tocsin.alerting.intent import Intent
from tocsin.core.alerts import Event
from tocsin.core.arrays import NEVER, BoolArray, FloatArray, IntArray
from tocsin.core.errors import SettingError
from tocsin.core.state import Stateful


@dataclass(frozen=True)
class Policy(Stateful[Watch, Judged, Told]):
    """Rings after some anomalous windows in a row, stops after some quiet ones, and then rests.

    People write these settings as :func:`tocsin.alerting.settings.adjusted` takes them. Each of ``raise_after``,
    ``release_after`` and ``cooldown`` is a number of windows and a time in ns; both must have passed.

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
    raise_after_ns, release_after_ns, cooldown_ns
        The same in time: from a run's first window to its last; from a close on.
    merge_within_ns
        An incident that begins so soon after the end of one of its device goes on with that one; 0 for never.
    together_ns
        Incidents that open so soon after the first of a group belong to it; 0 for no groups.
    grades
        From which severity on an incident is major, and critical.
    quiet, maintenance
        As written; see :class:`~tocsin.alerting.quiet_hours.QuietHours` and
        :class:`~tocsin.alerting.maintenance.Maintenance`.
    reach_ns
        How much time a window holds.
    intents, devices
        What is wanted of channels, and what is different for some devices.
    usual
        Each channel's usual value, from which it deviates where the detector tells no expectation.
    """

    channels: int
    raise_after: int = 3
    release_below: float = 0.9
    release_after: int = 3
    cooldown: int = 0
    raise_after_ns: int = 0
    release_after_ns: int = 0
    cooldown_ns: int = 0
    merge_within_ns: int = 0
    together_ns: int = 0
    grades: tuple[float, float] = (1.5, 3.0)
    quiet: tuple[str, ...] = ()
    maintenance: tuple[str, ...] = ()
    reach_ns: int = 0
    intents: tuple[Intent, ...] = ()
    devices: tuple[DeviceRule, ...] = ()
    usual: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        _check(self)
        for law in self.tables.laws:
            _check_law(law)

    @cached_property
    def tables(self) -> Tables:
        """The settings of each kind of device."""
        usual = {f.name: getattr(self, f.name) for f in fields(Law) if f.name != "own"}
        return tables_of(Law(**usual, own={}), self.channels, self.intents, self.devices)

    @cached_property
    def attention(self) -> float:
        """The share of the limit above which it must know the channels' shares, because some may not matter."""
        lowest = min(law.release_below for law in self.tables.laws) * float(self.tables.factor.min())
        return min(lowest, 1.0) if len(self.tables.sifted) else 1.0

    @cached_property
    def calendar(self) -> Calendar:
        """When nobody is to be called."""
        return Calendar.parse(self.quiet, self.maintenance, reach_ns=self.reach_ns)

    def init(self, devices: int) -> Watch:
        """Return the state of devices without a name in which nothing has happened yet."""
        return _blank(devices, self)

    def enrol(self, state: Watch, names: Sequence[str]) -> Watch:
        """Return ``state`` with the devices' names known, so that rules that are about them hold."""
        kind = np.array([rule_of(name, self.devices) for name in names], np.int64) if self.devices else state.kind
        concern = self.calendar.concern(names) if self.maintenance else state.concern
        return Watch(**{**vars(state), "kind": kind, "concern": concern})

    def heeded(self, names: Sequence[str]) -> BoolArray:
        """Tell of which of the devices called ``names`` anything is told: those that are not mute.

        >>> Policy(1, devices=(DeviceRule(pattern="test-*", mute=True),)).heeded(["pump-1", "test-1"]).tolist()
        [True, False]
        """
        return ~self.tables.silent[[rule_of(name, self.devices) for name in names]]

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
        told, events = np.full(valid.shape, NEVER), list[Event]()
        heard = hear(self.tables, self._usual, state.kind, block, valid)
        news = heard.rings | ((block.regime == ADOPTED) & valid)
        busy = np.flatnonzero(news.any(axis=1) | state.open | (state.above > 0) | (state.rest > 0))
        if not len(busy):
            return state, Told(told), events
        hushed, excused = self._calls(state, block.time, busy)
        runs = runs_of(self.tables.laws, state, busy)
        for run, own in zip(runs, series_of(block, heard, valid, busy, hushed=hushed, excused=excused), strict=True):
            events += run.follow(own, told[run.device])
        return saved(state, busy, runs), Told(told), events

    def finish(self, state: Watch) -> tuple[Watch, list[Event]]:
        """Tell of the incidents that are still open at the end of a file, as they stand, and of those held back too."""
        going = np.flatnonzero(state.open)
        tallies = tallies_of(state, going)
        events = [
            one.event("held" if one.held else "update", device, open=True)
            for device, one in zip(going.tolist(), tallies, strict=True)
        ]
        return (tallied(state, going, tallies) if events else state), events

    def dismiss(self, state: Watch) -> tuple[Watch, list[Event]]:
        """Close the incidents that are still open, of devices that nobody will hear of again."""
        going = np.flatnonzero(state.open)
        events = [
            one.event("held" if one.held else "close", device, open=False)
            for device, one in zip(going.tolist(), tallies_of(state, going), strict=True)
        ]
        return _blank(len(state.open), self), events

    @cached_property
    def _usual(self) -> FloatArray:
        return np.array(self.usual or [np.nan] * self.channels)

    def _calls(self, state: Watch, time: IntArray, busy: IntArray) -> tuple[BoolArray, BoolArray]:
        """Tell where nobody is to be called, and where windows hold maintenance, for the devices at ``busy``."""
        nowhere = np.zeros((len(busy), time.shape[1]), np.bool_)
        excused = self.calendar.spared(time[busy], state.concern[busy]) if self.maintenance else nowhere
        return (self.calendar.hushed(time[busy]) | excused if self.quiet else excused), excused


def _blank(devices: int, policy: Policy) -> Watch:
    """Return the state of devices in which nothing has happened yet."""
    zeros = {name: np.zeros(devices, np.int64) for name in ("kind", "above", "below", "rest", "revision")}
    times = ("quiet_since", "rest_until", "start", "opened", "end", "peak")
    one = {
        **{name: np.full(devices, NEVER) for name in times},
        **{name: np.zeros(devices) for name in ("peak_score", "peak_limit")},
        **{name: np.zeros(devices, np.uint8) for name in ("regime", "outside")},
        **{name: np.zeros(devices, np.bool_) for name in ("open", "excused", "held")},
    }
    past = {name.removeprefix("past_") for name in (f.name for f in fields(Watch)) if name.startswith("past_")}
    both = {**zeros, **one}
    return Watch(
        concern=policy.calendar.concern([""]).repeat(devices, axis=0),
        shares=np.zeros((devices, policy.channels)),
        past_shares=np.zeros((devices, policy.channels if policy.merge_within_ns else 0)),
        **both,
        **{f"past_{name}": both[name].copy() for name in past if name != "shares"},
    )


def _check(policy: Policy) -> None:
    counts = (policy.merge_within_ns, policy.together_ns, policy.reach_ns)
    if min(counts) < 0:
        raise SettingError("A time is below zero.", remedy="Give times from 0.")
    if not 1 <= policy.grades[0] <= policy.grades[1] < float("inf"):
        raise SettingError(
            f"grades are {policy.grades[0]:g} and {policy.grades[1]:g}.",
            remedy="Give two severities from 1, the first for major and the second for critical: 1.5 and 3.",
        )
    spoken_of = {own.channel for own in policy.intents} | {
        own.channel for rule in policy.devices for own in rule.intents
    }
    if not spoken_of <= set(range(policy.channels)) or len(policy.usual) not in (0, policy.channels):
        raise SettingError("The policy speaks of other channels than there are.", remedy="Make it anew.")
    _ = policy.calendar


def _check_law(law: Law) -> None:
    if law.raise_after < 1 or law.release_after < 1 or law.cooldown < 0:
        raise SettingError(
            "raise_after and release_after count windows from 1, cooldown from 0.",
            remedy="Correct the one that is lower.",
        )
    if not 0 < law.release_below <= 1:
        raise SettingError(
            f"release_below is a share of the limit, above 0 and at most 1, not {law.release_below:g}.",
            remedy="For example: 0.9",
        )
    if min(law.raise_after_ns, law.release_after_ns, law.cooldown_ns) < 0:
        raise SettingError("A time is below zero.", remedy="Give times from 0.")
