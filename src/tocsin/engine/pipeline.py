"""The pipeline: readings in, verdicts out, by the same code whether they come as a file, one by one, or in fleets."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from functools import cached_property
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from tocsin.alerting import Judged
from tocsin.artifact.artifact import Artifact
from tocsin.core.alerts import Event
from tocsin.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tocsin.core.blocks import blocks
from tocsin.core.errors import ArtifactError, InputError
from tocsin.core.readings import Readings
from tocsin.core.state import advance, take, view
from tocsin.core.verdicts import Status, Verdicts
from tocsin.engine._collect import Collector
from tocsin.engine.live._memory import Memory, fingerprint
from tocsin.engine.ring import Filling, Framed, Ring
from tocsin.explain.occlusion import occlusion
from tocsin.graph.run import Runner
from tocsin.prepare import Bins
from tocsin.prepare.clock import Ticked

Witness = Callable[[IntArray, Judged, BoolArray], None]
"""Called with devices, what the policy is shown of them, and which of it is no padding."""

F = TypeVar("F", np.float32, np.float64)

_BINS = tuple(field.name for field in fields(Bins))

_SLICE = 1 << 22
"""Window values scored in one go: bounds memory, and changes nothing else."""

_RUNNERS: WeakKeyDictionary[Artifact, Runner] = WeakKeyDictionary()
"""Of the artifacts that are in use, shared by all pipelines, in whatever thread."""

_SPARE = 1 << 14
"""Devices for which room is made ahead of time, at most; as many again as half of those known."""


class Pipeline:
    """An artifact at work. Not safe to share between threads.

    Parameters
    ----------
    artifact
        What was trained.
    witness
        Is shown whatever the policy is shown, so that other limits and policies can be tried without scoring anew.

    Examples
    --------
    A pipeline is fed with :meth:`push`, and gives the same verdicts however its input is cut::

        pipeline = Pipeline(artifact)
        pipeline.join(["pump-1"])
        verdicts = pipeline.push(readings)
    """

    def __init__(self, artifact: Artifact, *, witness: Witness | None = None) -> None:
        self.artifact, self._witness = artifact, witness
        self._runner = _runner_of(artifact)
        if (self._runner.window, self._runner.channels) != (artifact.window, len(artifact.schema)):
            raise ArtifactError(
                "The artifact's graph takes other windows than its manifest says.", remedy="Train it again."
            )
        self._counters = artifact.counters
        self._ring = Ring(artifact.window, len(artifact.schema))
        self._names: list[str] = []
        self._vacant: list[int] = []
        self._memory = Memory.blank(artifact, 0)

    @property
    def devices(self) -> tuple[str, ...]:
        """Names of the devices known, by index; "" where one has left."""
        return tuple(self._names)

    @property
    def places(self) -> int:
        """How many places there are for devices, those that some have left among them."""
        return len(self._names)

    def name(self, device: int) -> str:
        """Return the name of the device with an index."""
        return self._names[device]

    @property
    def memory(self) -> Memory:
        """What is remembered, by the devices' indices, with room to spare behind the last."""
        return self._memory

    def join(self, names: Sequence[str]) -> None:
        """Make room for the devices called ``names``, which continue the known ones."""
        if tuple(names[: len(self._names)]) != self.devices:
            raise ValueError("names must begin with the devices already known")
        self._settle(np.arange(len(self._names), len(names)), names[len(self._names) :])

    def admit(self, names: Sequence[str]) -> IntArray:
        """Make room for devices that are new, in places that others have left or in new ones; return their indices."""
        free = [self._vacant.pop() for _ in range(min(len(names), len(self._vacant)))]
        known = len(self._names)
        where = np.array([*free, *range(known, known + len(names) - len(free))], np.int64)
        self._settle(where, names)
        return where

    def seat(self, where: IntArray, names: Sequence[str]) -> None:
        """Make room for devices at places of their own, as they had in another process; the others are vacant."""
        self._settle(where, names)
        self._vacant = [place for place, name in enumerate(self._names) if not name]

    def leave(self, devices: IntArray) -> None:
        """Forget devices; their indices are free for others. What is left to say of them, :meth:`flush` tells."""
        self._memory.write(devices, Memory.blank(self.artifact, len(devices)).arrays(slice(None)))
        for device in devices.tolist():
            self._names[device] = ""
            self._vacant.append(device)

    def push(self, readings: Readings) -> Verdicts:
        """Take readings in order of arrival; return the verdicts that can be given now.

        Without a grid to align to, each reading has its verdict at once, in order. With one, a verdict comes when its
        bin closes; readings turned away (late, invalid) have theirs at once.
        """
        self._check(readings)
        out = Collector(len(self.artifact.schema), expecting=self._runner.expects)
        for block in blocks(readings.device):
            state, ticked = self.artifact.clock.push(
                view(self._memory.clock, block.devices),
                readings.time[block.rows],
                usable(readings)[block.rows],
                valid=block.valid,
                arrived=None if readings.arrived is None else readings.arrived[block.rows],
            )
            self._keep("clock", block.devices, state)
            rows = block.rows if readings.row is None else readings.row[block.rows]
            self._turn_away(out, block.devices, readings.time[block.rows], rows, ticked)
            self._judge(out, block.devices, ticked, rows)
        return out.verdicts()

    def flush(self, devices: IntArray | None = None) -> Verdicts:
        """Close what is still open, as at the end of a file; return the last verdicts. A live stream never needs it.

        Incidents that are not over are told of once more, as they stand at the end of the file; those that are held
        back as held, so that they are counted. Of ``devices`` that are about to leave all is closed, and theirs alone.
        """
        out = Collector(len(self.artifact.schema), expecting=self._runner.expects)
        policy, own = self.artifact.policy, np.arange(len(self._names)) if devices is None else devices
        state, ticked = self.artifact.clock.flush(take(self._memory.clock, own))
        self._keep("clock", own, state)
        self._judge(out, own, ticked, np.zeros((len(own), 0), np.int64))
        watch, events = (policy.finish if devices is None else policy.dismiss)(take(self._memory.policy, own))
        self._keep("policy", own, watch)
        out.tell([_of(event, own) for event in events])
        return out.verdicts()

    def snapshot(self) -> bytes:
        """Return all that is remembered, to go on from there with :meth:`restore`."""
        packed = io.BytesIO()
        names, owner = np.array(self._names, np.str_), np.array(self.owner)
        known = self._memory.arrays(slice(len(self._names)))
        np.savez(packed, allow_pickle=False, names=names, owner=owner, **known)
        return packed.getvalue()

    def restore(self, snapshot: bytes) -> None:
        """Forget everything and go on from ``snapshot``, taken of a pipeline with the same artifact.

        Raises
        ------
        ArtifactError
            If the snapshot is damaged, or was taken with another artifact.
        """
        try:
            with np.load(io.BytesIO(snapshot), allow_pickle=False) as file:
                held = dict(file)
            owner, names = str(held["owner"]), held["names"].tolist()
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile, zlib.error):
            raise ArtifactError("This is no snapshot, or it is damaged.", remedy="Start from an older one.") from None
        if owner != self.owner:
            raise ArtifactError(
                "The snapshot was taken with another artifact.", remedy="Restore it with that one, or start anew."
            )
        self._names, self._vacant = names, [k for k, name in enumerate(names) if not name]
        self._memory = self._memory.restored(held)

    @cached_property
    def owner(self) -> str:
        """What tells this artifact's memory from others'."""
        return fingerprint(self.artifact)

    def _settle(self, where: IntArray, names: Sequence[str]) -> None:
        """Give devices that are new their places; where room is made, for some more of them too."""
        if not len(names):
            return
        known = len(self._names)
        needed = max(known, int(where.max()) + 1)
        if not len(self._memory) and np.array_equal(where, np.arange(len(names))):
            # the first devices of a pipeline: a few readings are scored in hardly more time than this takes
            self._memory.grow(Memory.blank(self.artifact, needed, names=names))
        else:
            self._make_room(needed)
            self._memory.write(where, Memory.blank(self.artifact, len(names), names=names).arrays(slice(None)))
        self._names += [""] * (needed - known)
        for place, name in zip(where.tolist(), names, strict=True):
            self._names[place] = name

    def _make_room(self, needed: int) -> None:
        if needed > len(self._memory):
            more = needed + min(len(self._names) // 2, _SPARE) - len(self._memory)
            self._memory.grow(Memory.blank(self.artifact, more))

    def _keep(self, name: str, devices: IntArray, part: Any) -> None:
        self._memory.keep(name, devices, part)

    def _check(self, readings: Readings) -> None:
        if readings.schema.names != self.artifact.schema.names:
            raise InputError(
                f"The readings' channels are {', '.join(readings.schema.names)}; "
                f"the artifact was trained on {', '.join(self.artifact.schema.names)}.",
                remedy="Give the channels it was trained on, in that order.",
            )
        if len(readings) and not 0 <= readings.device.min() <= readings.device.max() < len(self._names):
            raise ValueError("readings of a device that has not joined")

    def _turn_away(self, out: Collector, devices: IntArray, time: IntArray, rows: IntArray, ticked: Ticked) -> None:
        for refused, status in ((ticked.late, Status.late), (ticked.invalid, Status.invalid)):
            place = np.nonzero(refused)
            if len(place[0]):
                out.refuse(devices[place[0]], time[place], rows[place], status)

    def _judge(self, out: Collector, devices: IntArray, ticked: Ticked, rows: IntArray) -> None:
        """Take closed bins through impute, ring, graph, threshold and policy."""
        for part in _slices(ticked, max(1, _SLICE // self._ring.length // len(self.artifact.schema))):
            for block in blocks(part.device):
                bins = Bins(**{name: getattr(part.bins, name)[block.rows] for name in _BINS})
                place = part.row[block.rows]
                row = np.where(place >= 0, rows[block.devices[:, None], place], -1) if rows.size else place
                self._judge_block(out, devices[block.devices], bins, row, block.valid)

    def _judge_block(self, out: Collector, devices: IntArray, bins: Bins, row: IntArray, valid: BoolArray) -> None:
        own, memory = self.artifact, self._memory
        # what a step gives is copied as it is put together; what a scan gives might lie in the state it was given
        known = view if valid.shape[1] == 1 else take
        bins = self._rates(devices, bins, valid)
        held, values = advance(own.impute, known(memory.impute, devices), bins, valid)
        filling = Filling(values, bins.fresh & valid, bins.jump & valid)
        recent, framed = advance(self._ring, known(memory.ring, devices), filling, valid)
        ready = (framed.status == Status.ok) & valid
        score, windows, shares, expected = self._score(framed, ready)
        bound, bounds = advance(own.calibration.limits, known(memory.limits, devices), score, valid)
        if not self._runner.attributes:
            self._occlude(windows, score, bounds.limit * own.policy.attention, ready, shares)
        judged = Judged(
            time=bins.end,
            score=score,
            limit=bounds.limit,
            by_channel=shares,
            fresh=bins.fresh & valid,
            regime=bounds.regime,
            values=_single(values),
            expected=expected,
        )
        if self._witness:
            self._witness(devices, judged, valid)
        before = view(memory.policy, devices)
        watch, told, events = own.policy.tell(before, judged, valid)
        for name, state in (("impute", held), ("ring", recent), ("limits", bound)):
            self._keep(name, devices, state)
        if watch is not before:
            self._keep("policy", devices, watch)
        out.add(devices, judged, framed.status, told.incident, row, valid)
        out.tell([_of(event, devices) for event in events])

    def _rates(self, devices: IntArray, bins: Bins, valid: BoolArray) -> Bins:
        """Take counters apart, where there are any."""
        if not self._counters.which:
            return bins
        counted, rates = advance(self._counters, take(self._memory.counters, devices), bins, valid)
        self._keep("counters", devices, counted)
        return rates

    def _score(self, framed: Framed, ready: BoolArray) -> tuple[FloatArray, Float32Array, Float32Array, Float32Array]:
        """Run the graph on the windows that are ready; return scores, those windows, shares and what was expected.

        What is not known is NaN; expectations have no channels where the graph tells none.
        """
        windows = _at(framed.windows, ready)
        found = self._runner(windows)
        n, channels = len(windows), len(self.artifact.schema)
        shares = np.full((n, channels), np.nan, np.float32) if found.by_channel is None else found.by_channel
        expected = np.empty((n, 0), np.float32) if found.expected is None else found.expected
        score = _spread(found.score.astype(np.float64), ready)
        return score, windows, _spread(shares, ready), _spread(expected, ready)

    def _occlude(
        self, windows: Float32Array, score: FloatArray, level: FloatArray, ready: BoolArray, shares: Float32Array
    ) -> None:
        """Fill in the shares of windows above a level, the anomalous ones at least, where the graph tells none."""
        strange = score[ready] > level[ready]
        if strange.any():
            found = occlusion(
                self._runner,
                np.ascontiguousarray(windows[strange]),
                score[ready][strange].astype(np.float32),
                normal=self.artifact.normal,
            )
            device, time = np.nonzero(ready)
            shares[device[strange], time[strange]] = found


def _runner_of(artifact: Artifact) -> Runner:
    """Return what runs an artifact's graph: made once, since that takes longer than scoring a window."""
    if (found := _RUNNERS.get(artifact)) is None:
        found = _RUNNERS[artifact] = Runner(artifact.graph)
    return found


def _at(windows: Float32Array, ready: BoolArray) -> Float32Array:
    """Return the windows that are ready, as a view where they lie side by side."""
    if len(ready) == 1 and (some := np.flatnonzero(ready[0])).size and some[-1] - some[0] + 1 == some.size:
        return windows[0, some[0] : some[-1] + 1]
    return windows[:, 0] if ready.shape[1] == 1 and ready.all() else windows[ready]


def _spread(found: npt.NDArray[F], ready: BoolArray) -> npt.NDArray[F]:
    """Return what was found of the windows that are ready, in the shape of the block; NaN where there was no window."""
    shape = (*ready.shape, *found.shape[1:])
    if len(found) == ready.size:
        return found.reshape(shape)
    out = np.full(shape, np.nan, found.dtype)
    out[ready] = found
    return out


def _single(values: FloatArray) -> Float32Array:
    """Return the values as windows hold them; what is too large for that is infinite, and its windows are a gap."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32)


def usable(readings: Readings) -> FloatArray:
    """Return the values with those that are infinite, or that the sensor calls bad, as missing."""
    values = readings.values
    unusable = np.isinf(values) if readings.bad is None else np.isinf(values) | readings.bad
    return np.where(unusable, np.nan, values) if unusable.any() else values


def _slices(ticked: Ticked, most: int) -> Iterator[Ticked]:
    """Cut bins, device after device, into pieces of at most ``most``."""
    if 0 < len(ticked.device) <= most:
        yield ticked
        return
    for start in range(0, len(ticked.device), most):
        cut = slice(start, start + most)
        bins = Bins(**{name: getattr(ticked.bins, name)[cut] for name in _BINS})
        yield replace(ticked, device=ticked.device[cut], row=ticked.row[cut], bins=bins)


def _of(event: Event, devices: IntArray) -> Event:
    return replace(event, incident=replace(event.incident, device=int(devices[event.incident.device])))
