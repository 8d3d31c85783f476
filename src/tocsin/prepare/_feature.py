"""What a prepare step is: columns made of a reading and of those just before it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Self, TypeVar

from tocsin.core.errors import SettingError
from tocsin.prepare._columns import Columns

C = TypeVar("C", bound=Columns)

LONGEST = 100_000
"""Readings that a step may look back on."""


class Feature(ABC):
    """A prepare step made of a reading and of those just before it.

    A subclass is a frozen dataclass in a file of its own in this room; the file's name is the step's. It sees the
    scaled values as the steps before it left them, never the columns that they added, and never a later reading.
    """

    replaces: ClassVar[bool] = False
    """Do its columns stand for the values from here on, or beside them?"""

    @classmethod
    @abstractmethod
    def parse(cls, text: str) -> Self:
        """Return the step written as ``text`` behind the colon, such as "12" in "rolling:12"."""

    @property
    @abstractmethod
    def reach(self) -> int:
        """How many readings before a reading its columns are made of."""

    @property
    def stride(self) -> int:
        """Readings from one row of its columns to the next."""
        return 1

    @abstractmethod
    def columns(self, values: C) -> tuple[C, ...]:
        """Return its columns, each with one column a channel.

        Parameters
        ----------
        values
            Scaled values of consecutive readings, oldest first.

        Returns
        -------
        tuple
            Columns that end with the same reading as ``values``; they may begin up to ``reach`` readings later.
        """

    def undone(self, expected: C, values: C) -> C | None:  # noqa: ARG002  # most steps need neither
        """Return what is expected of the newest value, or None where the step does not let one tell.

        Parameters
        ----------
        expected
            What is expected of the column that this step puts in the values' place: one reading.
        values
            As for ``columns``.
        """
        return None


def whole(text: str, *, written: str, least: int, example: str, most: int = LONGEST) -> int:
    """Return the whole number, from ``least`` to ``most``, that ``text`` is; ``written`` is the whole step.

    Raises
    ------
    SettingError
        If it is none.
    """
    digits = text.strip()
    if not digits.isdecimal() or not least <= int(digits[:9]) <= most:
        raise SettingError(
            f"{written.rstrip(':')}: {digits or 'nothing'} is no whole number from {least} to {most:,}.",
            remedy=f"For example: --prepare {example}",
        )
    return int(digits)
