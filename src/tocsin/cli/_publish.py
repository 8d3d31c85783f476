"""Publishing a simulated table as devices would: each reading at its time, or all of them as fast as it goes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tocsin.cli._outlet import Outlet
from tocsin.core.arrays import IntArray
from tocsin.core.errors import SettingError
from tocsin.core.progress import report

if TYPE_CHECKING:
    import polars

TRUTH = ("label", "event", "event_size")
"""What a simulated table knows and no sensor tells."""

_PORTION = 20_000
"""Readings that are written as JSON in one go."""

_NAP_S = 0.02
"""Messages that fall into so short a time are sent together: waking for each would cost more than sending it."""


@dataclass(frozen=True)
class Pace:
    """How fast a table is published.

    Parameters
    ----------
    speed
        How many times faster than the simulated clock; 0 for as fast as it goes.
    arrays
        Readings of a device that share a message.
    lasting_s
        How long at most, in s; None for all of the table.
    """

    speed: float = 1.0
    arrays: int = 1
    lasting_s: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.speed <= 1e9:
            raise SettingError(f"--speed is {self.speed:g}.", remedy="Give 60 for sixty times as fast, 0 for no wait.")
        if not 1 <= self.arrays <= 10_000:
            raise SettingError(f"--arrays is {self.arrays}.", remedy="Give 1 to 10000 readings a message.")

    def __str__(self) -> str:
        pace = f"{self.speed:g} times as fast as simulated" if self.speed else "as fast as it goes"
        return f"{pace}, {self.arrays} to a message" if self.arrays > 1 else pace


class Published(NamedTuple):
    """What was sent: readings, messages, how long it took in s, and messages the broker never confirmed."""

    readings: int
    messages: int
    seconds: float
    unconfirmed: int


class _Schedule(NamedTuple):
    """The messages, in order: their device, first row and one past the last, and when they are due, in ns.

    ``stamp`` is of each row.
    """

    device: IntArray
    first: IntArray
    last: IntArray
    due: IntArray
    stamp: IntArray


def publish(
    table: polars.DataFrame, out: Outlet, pace: Pace, *, stop: threading.Event, began: int | None = None
) -> Published:
    """Publish a simulated table; readings' times are those of the wall clock.

    Devices take turns within a period, as they would not all speak at the same moment. With a speed of 0 the readings
    keep the pauses that they have in the table, and the last one is of now.

    Parameters
    ----------
    table
        Columns ``time`` and channels, perhaps ``device``, and the truth, which is not published.
    out
        Where to; it is open.
    pace
        How fast.
    stop
        Ends it early when set.
    began
        When the first reading is due, in ns; None for now.
    """
    import polars as pl

    named = table if "device" in table.columns else table.with_columns(pl.lit("device-1").alias("device"))
    rows = named.drop([name for name in TRUTH if name in named.columns]).sort("device", "time", maintain_order=True)
    names = rows["device"].unique(maintain_order=True).to_list()
    began = time.time_ns() if began is None else began
    schedule = _schedule(rows, names, pace, began=began)
    sent, readings = 0, 0
    for chunk in _chunks(rows, names, schedule, in_topic="{device}" in out.topic):
        for due, device, payload, count in chunk:
            if not _awaited(due, began, pace, stop):
                return Published(readings, sent, (time.time_ns() - began) / 1e9, out.close())
            out.send(out.topic.replace("{device}", device), device, payload)
            sent, readings = sent + 1, readings + count
            if sent % 200 == 0:
                report("publishing", sent, len(schedule.due))
    return Published(readings, sent, (time.time_ns() - began) / 1e9, out.close())


def _schedule(rows: polars.DataFrame, names: list[str], pace: Pace, *, began: int) -> _Schedule:
    when = rows["time"].str.to_datetime(time_unit="ns").to_numpy().astype(np.int64)
    place = {name: number for number, name in enumerate(names)}
    device = rows["device"].replace_strict(place).to_numpy().astype(np.int64)
    first_of = np.flatnonzero(np.append(True, device[1:] != device[:-1]))
    since = when - when.min()
    if pace.speed:
        period = np.diff(when[: first_of[1] if len(first_of) > 1 else None])
        turn = device * (int(np.median(period)) if len(period) else 0) // len(names)
        stamp = began + np.round((since + turn) / pace.speed).astype(np.int64)
    else:
        stamp = began - since.max() + since
    nth = np.arange(len(rows)) - first_of[device]
    begins = np.flatnonzero(nth % pace.arrays == 0)
    ends = np.append(begins[1:], len(rows))
    due = stamp[ends - 1]
    order = np.argsort(due, kind="stable")
    return _Schedule(device[begins][order], begins[order], ends[order], due[order], stamp)


def _chunks(
    rows: polars.DataFrame, names: list[str], schedule: _Schedule, *, in_topic: bool
) -> Iterator[list[tuple[int, str, str, int]]]:
    """Yield messages in order, some thousand at a time: when due, device, payload and how many readings it holds."""
    counts = schedule.last - schedule.first
    portion = np.cumsum(counts) // _PORTION
    for part in np.split(np.arange(len(counts)), np.flatnonzero(np.diff(portion)) + 1):
        first, count = schedule.first[part], counts[part]
        starts = np.cumsum(count) - count
        which = np.repeat(first - starts, count) + np.arange(int(count.sum()))
        texts = _written(rows, schedule.stamp, which, in_topic=in_topic)
        yield [
            (int(due), names[device], texts[start] if n == 1 else f"[{','.join(texts[start : start + n])}]", int(n))
            for due, device, start, n in zip(
                schedule.due[part], schedule.device[part].tolist(), starts.tolist(), count.tolist(), strict=True
            )
        ]


def _written(rows: polars.DataFrame, stamp: IntArray, which: IntArray, *, in_topic: bool) -> list[str]:
    """Return readings as JSON objects; the device is in them unless it is in the topic."""
    import polars as pl
    from polars import selectors

    times = pl.Series("time", stamp[which]).cast(pl.Datetime("ns")).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
    chosen = rows.select(pl.all().gather(which)).with_columns(times)
    if in_topic:
        chosen = chosen.drop("device")
    known = chosen.with_columns(selectors.float().fill_nan(None))
    return known.select(pl.struct(pl.all()).struct.json_encode()).to_series().to_list()


def _awaited(due: int, began: int, pace: Pace, stop: threading.Event) -> bool:
    """Wait until a message is due; return whether to go on."""
    now = time.time_ns()
    if pace.lasting_s is not None and max(now, due if pace.speed else 0) > began + pace.lasting_s * 1e9:
        return False
    while pace.speed and due > now:
        if stop.wait(max((due - now) / 1e9, _NAP_S)):
            return False
        now = time.time_ns()
    return not stop.is_set()
