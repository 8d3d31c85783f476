"""Lines of a text table that grows, as readings: understood once from its head, then chunk by chunk, as a file is."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import polars as pl

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.arrivals import Arrivals, DeadLetter
from tocsin.core.live import Expected
from tocsin.sources._arrived import heard
from tocsin.sources._chosen_columns import Choice, Columns
from tocsin.sources._text_rows import TextRows
from tocsin.sources.tables._clock import Clock
from tocsin.sources.tables._devices import number_devices
from tocsin.sources.tables._dialect import dialect_of
from tocsin.sources.tables._infer import decimal_of
from tocsin.sources.tables._layout import MISSING
from tocsin.sources.tables._long import widen
from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._profile import Profile, profile_of
from tocsin.sources.tables._times import parse_times

_KEPT = 4096


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
        self._choice = Choice(expect, overrides, origin)
        self._missing = (*MISSING, *(text for text in (*expect.missing, *(overrides.missing or ())) if text))
        self._text: TextRows | None = None
        self._columns: Columns | None = None
        self._alone = False
        self._decimal = overrides.decimal or ""

    @property
    def begun(self) -> bool:
        """Whether it is known how rows are written."""
        return self._columns is not None

    def begin(self, head: list[str]) -> int:
        """Learn from a table's first lines how it is written; return how many lines its header takes.

        Raises
        ------
        InputError
            If they hold no header with rows below, or not what is wanted.
        """
        dialect = dialect_of(head, separator=self._choice.overrides.separator, source=self._choice.origin)
        self._text, self._alone = TextRows(dialect), len(dialect.names) == 1
        body = [line.rstrip("\r\n").encode() for line in head[dialect.skip :]]
        table, _ = self._text.table([line for line in body if line.strip()])
        self._columns = self._choice.among(self._profiles(table, table.columns))
        return dialect.skip

    def read(self, lines: Sequence[bytes], *, first: int) -> tuple[Arrivals, tuple[DeadLetter, ...]]:
        """Return the readings in some lines, and the lines that mean nothing.

        Parameters
        ----------
        lines
            Without line ends.
        first
            The number of the first of them in the file, from 1.
        """
        assert self._text is not None
        numbered = [
            (first + k, line.rstrip(b"\r")) for k, line in enumerate(lines) if self._alone or line.strip(b" \r")
        ]
        table, bad = self._text.table([line for _, line in numbered])
        dead = [self._dead(numbered[k], reason) for k, reason in bad.items()]
        if not table.height:
            return Arrivals.none(), tuple(dead)
        arrivals, wrong = self._arrivals(table)
        if wrong:
            rows = [line for k, line in enumerate(numbered) if k not in bad]
            dead += [self._dead(rows[k], reason) for k, reason in wrong.items()]
        return arrivals, tuple(dead)

    def _dead(self, numbered: tuple[int, bytes], reason: str) -> DeadLetter:
        number, line = numbered
        return DeadLetter(f"{self._choice.origin}, line {number:,}", line[:_KEPT], reason, time.time_ns())

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
        return (whole if keep.all() else whole.take(keep)), wrong

    def _times(self, profiles: dict[str, Profile], clock: Clock, device: IntArray) -> IntArray:
        """Return the times; of a table without a clock, when the rows were read."""
        if not clock.columns:
            return np.full(len(device), time.time_ns())
        columns = [profiles[name].column for name in clock.columns]
        return parse_times(columns, clock.time_format, timezone=self._choice.zone, device=device)


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
