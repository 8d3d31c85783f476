"""What the user knows better than the guess: flags and tocsin.toml become this."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Overrides:
    """Settings that take the place of a guess; None leaves it to the guess.

    Parameters
    ----------
    separator, decimal, encoding
        How the text is written: one character, "." or ",", and a name such as "utf-8" or "cp1252".
    time
        The columns that hold the time; an empty tuple means that there is none and rows are counted.
    time_format
        "iso", "epoch_s|ms|us|ns", a pattern such as "%d/%m/%Y %H:%M", or "row".
    timezone
        The zone of stamps that name none.
    device, label
        The column; "" says that there is none.
    channels
        The columns to use, and no others.
    exclude
        Columns to leave out.
    missing
        Further texts that mean "missing".
    keep_sentinels
        True keeps values such as -200 as measured.
    long
        The column with the channel's name and the column with the value.
    """

    separator: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    time: tuple[str, ...] | None = None
    time_format: str | None = None
    timezone: str | None = None
    device: str | None = None
    label: str | None = None
    channels: tuple[str, ...] | None = None
    exclude: tuple[str, ...] | None = None
    missing: tuple[str, ...] | None = None
    keep_sentinels: bool | None = None
    long: tuple[str, str] | None = None

    def columns(self) -> tuple[tuple[str, str], ...]:
        """Return each column named by a setting, as (setting, column)."""
        named = {
            "time": self.time or (),
            "device": (self.device,) if self.device else (),
            "label": (self.label,) if self.label else (),
            "channels": () if self.long else self.channels or (),
            "exclude": self.exclude or (),
            "long": self.long or (),
        }
        return tuple((setting, column) for setting, columns in named.items() for column in columns)
