"""What can be set of a growing file, and how it is written on the command line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tocsin.core.addresses import Address
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected
from tocsin.sources.tables._overrides import Overrides

_EXAMPLE = "tail:readings.csv?follow=no"


@dataclass(frozen=True)
class TailSettings:
    """Settings behind the ``?`` of a growing file.

    Parameters
    ----------
    follow
        Off ends at the end of the file; on waits for more.
    start
        Where to begin in a file that nobody has read.
    format
        "csv" is any text table with a header, "json" has an object a line.
    separator, decimal, timezone
        How the text is written, where the guess is wrong.
    time, time_format
        The column that holds the time, two with a comma, and how it is written.
    device
        The column that names the device; empty for none.
    long
        In long form the columns with the channel's name and its value: ``long=sensor:value``.
    """

    follow: bool = True
    start: Literal["beginning", "end"] = "beginning"
    format: Literal["", "csv", "json"] = ""
    separator: str = ""
    decimal: Literal["", ".", ","] = ""
    time: str = ""
    time_format: str = ""
    timezone: str = ""
    device: str = "…"
    long: str = ""

    def __post_init__(self) -> None:
        pair(self.long)

    @property
    def overrides(self) -> Overrides:
        """What the user knows better than the guess."""
        return Overrides(
            separator={"tab": "\t"}.get(self.separator, self.separator) or None,
            decimal=self.decimal or None,
            time=tuple(name.strip() for name in self.time.split(",")) if self.time else None,
            time_format=self.time_format or None,
            timezone=self.timezone or None,
            device=None if self.device == "…" else self.device,
            long=pair(self.long),
        )

    def known(self, expect: Expected) -> Expected:
        """Return what is expected of JSON lines with these settings."""
        own = self.overrides
        return replace(
            expect,
            time=(*(own.time or ()), *expect.time),
            device=(*([own.device] if own.device else []), *expect.device),
            time_format=own.time_format or expect.time_format,
            timezone=own.timezone or expect.timezone,
        )


def pair(text: str) -> tuple[str, str] | None:
    """Return the two columns of a long table, written ``name:value``; None for "".

    >>> pair("sensor:value")
    ('sensor', 'value')
    """
    name, _, value = text.partition(":")
    if text and not (name and value):
        raise SettingError(f"long={text} names no two columns.", remedy="Write long=sensor:value.")
    return (name, value) if text else None


def file_and_settings(text: str) -> tuple[str, TailSettings]:
    """Return the path and the settings in ``readings.csv?follow=no``.

    Raises
    ------
    SettingError
        If there is no path, or a setting that cannot work.

    >>> file_and_settings("readings.csv?follow=no")[1].follow
    False
    """
    path, _, query = text.partition("?")
    if path.startswith("//"):
        path = path[2:]
    if not path:
        raise SettingError("The file is missing.", remedy=f"Name one, such as {_EXAMPLE}, or - for standard input.")
    return path, Address.parse(f"//-?{query}", port=1, example=_EXAMPLE).settings(TailSettings)
