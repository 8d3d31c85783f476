"""Lines of a text table that grows, as readings: understood once from its head, then chunk by chunk, as a file is."""

from __future__ import annotations

import csv
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from tocsin.core.arrays import NEVER, BoolArray, IntArray
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.errors import InputError
from tocsin.core.live import Expected
from tocsin.sources._arrived import heard
from tocsin.sources._clock import Clock, clock_in, find_clock
from tocsin.sources._devices import number_devices
from tocsin.sources._dialect import Dialect, dialect_of
from tocsin.sources._infer import decimal_of
from tocsin.sources._layout import MISSING
from tocsin.sources._long import widen
from tocsin.sources._names import DEVICES, nearest, plain
from tocsin.sources._overrides import Overrides
from tocsin.sources._profile import Profile, profile_of
from tocsin.sources._times import parse_times

_KEPT = 4096


@dataclass(frozen=True)
class Columns:
    """Which column is what.

    Parameters
    ----------
    channels
        Names of the channels.
    device
        The column that names the device, None where there is none.
    clock
        The columns that hold the time.
    long
        In long form, the columns with the channel's name and its value.
    """

    channels: tuple[str, ...]
    device: str | None
    clock: Clock
    long: tuple[str, str] | None = None


class Rows:
    r"""Turns rows of text into readings.

    Parameters
    ----------
    expect
        What is known of them.
    overrides
        What the user knows better.
    origin
        What to call the table in messages.

    Examples
    --------
    >>> rows = Rows(Expected(channels=("temp",)), Overrides(), "env.csv")
    >>> rows.begin(["time;temp\n", "2026-01-01 00:00;21,5\n"])
    1
    >>> arrivals, dead = rows.read([b"2026-01-01 00:00;21,5", b"2026-01-01 00:01;hot"], first=2)
    >>> arrivals.values.tolist(), dead[0].origin, dead[0].reason
    ([[21.5]], 'env.csv, line 3', "temp is 'hot', which is no number.")
    """

    def __init__(self, expect: Expected, overrides: Overrides, origin: str) -> None:
        self._expect, self._overrides, self._origin = expect, overrides, origin
        self._missing = (*MISSING, *(text for text in (*expect.missing, *(overrides.missing or ())) if text))
        self._dialect: Dialect | None = None
        self._columns: Columns | None = None
        self._decimal = overrides.decimal or ""

    @property
    def begun(self) -> bool:
        """Whether it is known how rows are written."""
        return self._dialect is not None

    def begin(self, head: list[str]) -> int:
        """Learn from a table's first lines how it is written; return how many lines its header takes.

        Raises
        ------
        InputError
            If they hold no header with rows below, or not what is wanted.
        """
        self._dialect = dialect_of(head, separator=self._overrides.separator, source=self._origin)
        body = [line.rstrip("\r\n").encode() for line in head[self._dialect.skip :]]
        self._columns = self._understood(self._table([line for line in body if line.strip()])[0])
        return self._dialect.skip

    def read(self, lines: Sequence[bytes], *, first: int) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in some lines, and the lines that mean nothing.

        Parameters
        ----------
        lines
            Without line ends.
        first
            The number of the first of them in the file, from 1.
        """
        assert self._dialect is not None
        alone = len(self._dialect.names) == 1
        numbered = [(first + k, line.rstrip(b"\r")) for k, line in enumerate(lines) if alone or line.strip(b" \r")]
        table, bad = self._table([line for _, line in numbered])
        numbers = np.array([number for number, _ in numbered], np.int64)
        dead = [self._dead(numbered[k], reason) for k, reason in bad.items()]
        good = np.array([k for k in range(len(numbered)) if k not in bad], np.int64)
        if not table.height:
            return Arrivals.none(), tuple(dead)
        arrivals, wrong = self._arrivals(table)
        dead += [self._dead((int(numbers[good[k]]), numbered[good[k]][1]), reason) for k, reason in wrong.items()]
        return arrivals, tuple(dead)

    def _table(self, lines: list[bytes]) -> tuple[pl.DataFrame, dict[int, str]]:
        """Return the rows as columns of text, and which lines are no rows."""
        found = self._parsed(lines)
        if found is not None:
            return found, {}
        bad = {k: reason for k, line in enumerate(lines) if (reason := self._misfit(line))}
        found = self._parsed([line for k, line in enumerate(lines) if k not in bad])
        return (self._one_by_one(lines, bad) if found is None else found), bad

    def _one_by_one(self, lines: list[bytes], bad: dict[int, str]) -> pl.DataFrame:
        """Return the rows in those lines that can be read alone; the others join the bad ones."""
        rows = [self._parsed([])]
        for k, line in enumerate(lines):
            if k not in bad:
                rows.append(self._parsed([line]))
                if rows[-1] is None:
                    bad[k] = "It is no row."
        return pl.concat([row for row in rows if row is not None])

    def _parsed(self, lines: list[bytes]) -> pl.DataFrame | None:
        assert self._dialect is not None
        schema = dict.fromkeys(self._dialect.names, pl.String)
        if not lines:
            return pl.DataFrame(schema=schema)
        try:
            found = pl.read_csv(
                _utf8(b"\n".join(lines) + b"\n"),
                has_header=False,
                separator=self._dialect.separator,
                schema=schema,
            )
        except pl.exceptions.PolarsError:
            return None
        return found if found.height == len(lines) else None

    def _misfit(self, line: bytes) -> str:
        """Return why a line is no row, "" where it is one."""
        assert self._dialect is not None
        text, names = _utf8(line).decode("utf-8", "replace"), self._dialect.names
        if line.count(b'"') % 2:
            return "A quotation mark is not closed."
        try:
            fields = next(csv.reader([text], delimiter=self._dialect.separator), [])
        except csv.Error as error:
            return f"It is no row: {error}."
        if len(fields) > len(names):
            return f"It has {len(fields)} fields, but the header names {len(names)}."
        return "" if "\x00" not in text else "It is no text."

    def _dead(self, numbered: tuple[int, bytes], reason: str) -> DeadLetter:
        number, line = numbered
        return DeadLetter(f"{self._origin}, line {number:,}", line[:_KEPT], reason, time.time_ns())

    def _understood(self, table: pl.DataFrame) -> Columns:
        profiles = self._profiles(table, table.columns)
        device = self._device(table.columns)
        long = self._overrides.long
        wanted = tuple(name for name in self._expect.channels if name in profiles and not long)
        free = {name: each for name, each in profiles.items() if name not in (*wanted, device, *(long or ()))}
        clock = self._clock(free)
        numeric = tuple(name for name, each in free.items() if each.kind == "number" and name not in clock.columns)
        channels = self._expect.channels or _named_in(table, long[0]) if long else wanted
        if not channels and self._expect.channels:
            lacking = self._expect.channels[0]
            raise InputError(
                f"{self._origin} has none of the channels wanted: {', '.join(self._expect.channels[:8])}.",
                remedy=nearest(lacking, table.columns) or f"It has: {', '.join(table.columns[:12])}.",
            )
        return Columns(channels or numeric, device, clock, long)

    def _device(self, names: Sequence[str]) -> str | None:
        wanted = self._overrides.device
        if wanted == "":
            return None
        for name in (wanted,) if wanted else self._expect.device:
            if name in names:
                return name
        if wanted or self._expect.device:
            lacking = wanted or self._expect.device[0]
            raise InputError(
                f"The column {lacking!r} that names the device is not in {self._origin}.",
                remedy="Name it with device=COLUMN, or say with device= that all rows are of one device.",
            )
        return next((name for name in names if plain(name) in DEVICES and not self._expect.channels), None)

    def _clock(self, free: dict[str, Profile]) -> Clock:
        named = self._overrides.time or tuple(name for name in self._expect.time if name in free)[:2]
        wanted = self._overrides.time_format or self._expect.time_format or None
        if not named:
            return find_clock(free, Overrides(time_format=wanted))
        if lacking := [name for name in named if name not in free]:
            raise InputError(
                f"There is no column {lacking[0]!r} in {self._origin}.", remedy=f"There are: {', '.join(free)}."
            )
        for names in (named, *((name,) for name in named)):
            clock = _settled([free[name] for name in names], wanted, self._zone)
            if clock is not None:
                return clock
        return find_clock(free, Overrides(time=named, time_format=wanted))

    @property
    def _zone(self) -> str:
        return self._overrides.timezone or self._expect.timezone

    def _profiles(self, table: pl.DataFrame, names: Sequence[str]) -> dict[str, Profile]:
        self._decide_sign(table)
        decimal = self._decimal or "."
        return {name: profile_of(table[name], decimal=decimal, missing=self._missing) for name in names}

    def _decide_sign(self, table: pl.DataFrame) -> None:
        """Take the decimal sign from the first rows in which one shows, for good."""
        if self._decimal:
            return
        if decimal_of(table) == ",":
            self._decimal = ","
        elif table.select(pl.any_horizontal(pl.all().str.contains(r"^\s*[+-]?\d*\.\d+\s*$")).any()).item():
            self._decimal = "."

    def _arrivals(self, table: pl.DataFrame) -> tuple[Arrivals, dict[int, str]]:
        columns = self._columns
        assert columns is not None
        values = (columns.long[1],) if columns.long else columns.channels
        used = (*values, *columns.clock.columns, *((columns.device,) if columns.device else ()))
        profiles = self._profiles(table, used)
        wrong = _no_numbers([profiles[name] for name in values])
        keep: BoolArray = np.ones(table.height, np.bool_)
        keep[list(wrong)] = False
        device, devices = number_devices(profiles[columns.device] if columns.device else None, table.height)
        stamps = self._times(profiles, columns.clock, device)
        wide = np.stack([profiles[name].values() for name in values])
        if columns.long:
            _, first, wide = widen(
                table[columns.long[0]], wide[0], device=device, time=stamps, channels=columns.channels
            )
            device, stamps, keep = device[first], stamps[first], np.any(~np.isnan(wide), axis=0)
        now = time.time_ns()
        whole = Arrivals(devices, columns.channels, device, stamps, np.ascontiguousarray(wide.T), heard(stamps, now))
        return (whole if keep.all() else _only(whole, keep)), wrong

    def _times(self, profiles: dict[str, Profile], clock: Clock, device: IntArray) -> IntArray:
        """Return the times; of a table without a clock, when the rows were read."""
        if not clock.columns:
            return np.full(len(device), time.time_ns())
        columns = [profiles[name].column for name in clock.columns]
        return parse_times(columns, clock.time_format, timezone=self._zone, device=device)


def _named_in(table: pl.DataFrame, column: str) -> tuple[str, ...]:
    return tuple(sorted(table[column].drop_nulls().unique().to_list()))


def _settled(columns: list[Profile], wanted: str | None, zone: str) -> Clock | None:
    """Return the clock in some columns if most of their times can be read."""
    names = tuple(column.name for column in columns)
    guessed = clock_in(columns)
    for clock in (Clock(names, wanted) if wanted else None, guessed):
        if clock is not None:
            times = parse_times([column.column for column in columns], clock.time_format, timezone=zone)
            if 2 * np.count_nonzero(times == NEVER) <= len(times):
                return clock
    return None


def _no_numbers(profiles: Sequence[Profile]) -> dict[int, str]:
    """Return, of rows with a text where a number belongs, why they mean nothing."""
    found: dict[int, str] = {}
    for profile in profiles:
        if profile.kind in {"mixed", "text"} and profile.words is not None:
            number = profile.numbers
            lacking = profile.words.is_not_null() & (number.is_null() if number is not None else True)
            for row in lacking.arg_true().to_list():
                found.setdefault(row, f"{profile.name} is {profile.words[row]!r}, which is no number.")
    return found


def _only(arrivals: Arrivals, keep: BoolArray) -> Arrivals:
    return replace(
        arrivals,
        device=arrivals.device[keep],
        time=arrivals.time[keep],
        values=arrivals.values[keep],
        arrived=arrivals.arrived[keep],
    )


def _utf8(text: bytes) -> bytes:
    """Return text as UTF-8; what is none is taken as Windows' western one, as files are."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return text.decode("cp1252", "replace").encode("utf-8")
    return text
