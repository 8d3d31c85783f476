"""A budget of false alarms as a person says it, and what it means for one device and one reading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tocsin.core.errors import SettingError
from tocsin.core.reference import Reference

_SECONDS = {"hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_629_746, "year": 31_556_952}
"""Units of time; a month and a year are those of the Gregorian calendar, on average."""

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

_NUMBERS = {
    **{word: float(k) for k, word in enumerate(_WORDS, start=1)},
    **dict.fromkeys(("a", "an", "once"), 1.0),
    "twice": 2.0,
    "half": 0.5,
}

_NUMBER = r"\d+\s*/\s*\d+|\d*\.?\d+|[a-z]+"
_ALARMS = rf"(?:(?:at most|no more than|up to)\s+)?(?P<alarms>{_NUMBER})(?:\s+(?:false\s+)?alarms?)?"
_PER = r"(?:\s*/\s*|\s+(?:per|a|an|and|(?:for\s+)?each|(?:for\s+)?every)\s+)"
_DEVICE = rf"(?P<device>{_PER}device)"
_TIME = rf"{_PER}(?:(?P<amount>{_NUMBER})\s+)?(?P<unit>reading|hour|day|week|month|year)s?"
_SAID = (re.compile(f"{_ALARMS}{_DEVICE}?{_TIME}"), re.compile(f"{_ALARMS}{_TIME}{_DEVICE}"))
"""A budget with the device before the unit of time, or none, and one with the device behind it."""

EXAMPLE = "1 per device per week"


@dataclass(frozen=True)
class Promise:
    """So many false alarms and no more.

    Parameters
    ----------
    alarms
        How many, above 0.
    each
        Of each device, or of the whole fleet?
    amount, unit
        In how long: 1 "week", 1000 "reading".

    Examples
    --------
    >>> Promise.parse("at most one false alarm per device per week")
    Promise(alarms=1.0, each=True, amount=1.0, unit='week')
    >>> print(Promise.parse("1/2 per 1000 readings"), "–", Promise.parse("2 per day"))
    0.5 false alarms per 1000 readings – 2 false alarms per day
    """

    alarms: float
    each: bool
    amount: float
    unit: str

    @staticmethod
    def parse(text: str) -> Promise:
        """Return the budget written as "N per device per UNIT", or as "N per UNIT" for the whole fleet.

        Raises
        ------
        SettingError
            If it is written otherwise, or allows nothing.
        """
        words = text.strip().lower().removesuffix(".")
        found = next(filter(None, (order.fullmatch(words) for order in _SAID)), None)
        numbers = [_number(found[name] or "1") for name in ("alarms", "amount")] if found else [None]
        if found is None or any(number is None or not 1e-9 < number < 1e9 for number in numbers):
            raise SettingError(
                f"{text!r} is no budget of false alarms.",
                remedy=f"Write N per device per UNIT, such as {EXAMPLE!r}, or N per UNIT for all devices together; "
                "UNIT is hour, day, week, month, year or 1000 readings.",
            )
        alarms, amount = (float(number) for number in numbers if number is not None)
        return Promise(alarms, bool(found["device"]), amount, found["unit"])

    def __str__(self) -> str:
        return f"{self.alarms:g} false alarm{'' if self.alarms == 1 else 's'} {self.per}"

    @property
    def per(self) -> str:
        """The unit in words, such as "per device per week"."""
        length = self.unit if self.amount == 1 else f"{self.amount:g} {self.unit}s"
        return f"per device per {length}" if self.each else f"per {length}"

    @property
    def counts_readings(self) -> bool:
        """Whether it is a share of the readings, and so the same for one device and for a fleet."""
        return self.unit == "reading"

    def periods(self, reference: Reference) -> float:
        """Return how many periods of the reference the unit is long.

        Raises
        ------
        SettingError
            If the unit needs a clock and rows are counted.
        """
        if self.counts_readings:
            return self.amount
        if reference.row_clock:
            raise SettingError(
                f"These readings have no clock, so that nobody can tell what {self} means.",
                remedy=f"Count readings instead: budget:{self.alarms:g} per 1000 readings; or name the time column "
                "with --time.",
            )
        return self.amount * _SECONDS[self.unit] * 1e9 / reference.period_ns

    def rate(self, reference: Reference) -> float:
        """Return how many false alarms each device may have in a period."""
        shared = 1 if self.each or self.counts_readings else max(reference.devices, 1)
        return self.alarms / self.periods(reference) / shared


def _number(text: str) -> float | None:
    """Return a number as people write it, None if it is none.

    >>> _number("1 / 4"), _number("half"), _number(".5"), _number("many"), _number("1/0")
    (0.25, 0.5, 0.5, None, None)
    """
    above, _, below = text.partition("/")
    try:
        return _NUMBERS[text] if text in _NUMBERS else float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        return None


def days(periods: float, reference: Reference) -> float:
    """Return how many days so many periods are; of no use where rows are counted."""
    return periods * reference.period_ns / (_SECONDS["day"] * 1e9)


def month(reference: Reference) -> float:
    """Return how many periods a month has; 0 where rows are counted."""
    return 0.0 if reference.row_clock else _SECONDS["month"] * 1e9 / reference.period_ns
