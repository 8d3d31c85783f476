"""What a reading consists of: channels with names and units, in a fixed order."""

from __future__ import annotations

from dataclasses import dataclass

from tocsin.core.errors import InputError


@dataclass(frozen=True)
class Channel:
    """One measured quantity.

    Parameters
    ----------
    name
        The column's name as the source spells it.
    unit
        The unit, or "" where none is known.
    """

    name: str
    unit: str = ""

    @property
    def label(self) -> str:
        """The name with its unit, which is said once.

        >>> Channel("temp", "°C").label, Channel("Temp [°C]", "°C").label, Channel("light").label
        ('temp [°C]', 'Temp [°C]', 'light')
        """
        told = not self.unit or f"[{self.unit}]" in self.name or f"({self.unit})" in self.name
        return self.name if told else f"{self.name} [{self.unit}]"


@dataclass(frozen=True)
class Schema:
    """The channels of a reading, in the order in which their values stand.

    Examples
    --------
    >>> schema = Schema((Channel("temperature", "°C"), Channel("humidity", "%")))
    >>> schema.names
    ('temperature', 'humidity')
    """

    channels: tuple[Channel, ...]

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.channels):
            repeated = sorted({name for name in self.names if self.names.count(name) > 1})
            raise InputError(
                f"Channel names must differ, but these occur more than once: {', '.join(repeated)}.",
                remedy="Rename the columns.",
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The channels' names, in order."""
        return tuple(channel.name for channel in self.channels)

    def __len__(self) -> int:
        return len(self.channels)
