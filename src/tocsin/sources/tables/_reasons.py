"""Why a column is left out of the channels, if it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from tocsin.core.arrays import BoolArray, IntArray
from tocsin.core.errors import InputError
from tocsin.core.fixes import Fix
from tocsin.sources.tables._names import (
    EVENTS,
    LABEL_KINDS,
    LABELS,
    MEASURABLE_LABELS,
    ROW_NUMBERS,
    STATES,
    names_identifier,
    names_time,
    plain,
)
from tocsin.sources.tables._profile import Profile

_ENOUGH = 100  # rows before values alone may tell that a column counts rows or repeats the label
_FEW = 50  # texts that can name kinds of events
_NAMED = 5  # texts that a correction names one by one
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+")


@dataclass(frozen=True, eq=False)
class Company:
    """What a column stands beside.

    Parameters
    ----------
    first
        Name of the table's first column.
    label
        Name of the label column, or None.
    flags
        ndarray of shape (rows,), bool: the label; None where there is none.
    device
        ndarray of shape (rows,), int64: index of the device.
    devices
        Number of devices.
    """

    first: str
    label: str | None
    flags: BoolArray | None
    device: IntArray
    devices: int


def reason_against(profile: Profile, company: Company) -> str | None:
    """Return why a column is no channel, or None if it is one.

    Raises
    ------
    InputError
        If it holds mostly numbers, and text among them.
    """
    if profile.kind == "empty":
        return "it is empty"
    reason = _against_name(profile, company) or _against_numbers(profile, company) or _against_text(profile, company)
    if reason is None:
        refuse_mixed(profile)
    return reason


def refuse_mixed(profile: Profile, *, needed: bool = False) -> None:
    """Do nothing, or raise.

    Parameters
    ----------
    profile
        The column.
    needed
        Is it one that cannot be left out?

    Raises
    ------
    InputError
        If the column holds text where numbers belong; the message says in which row.
    """
    if profile.kind not in {"mixed", "text"}:
        return
    row, text, times = profile.first_text()
    shown = text if len(text) <= 40 else text[:39] + "…"
    raise InputError(
        f"Column {profile.name!r} should hold numbers, but row {row + 1:,} holds the text {shown!r}"
        f" ({times:,} such {'value' if times == 1 else 'values'}).",
        remedy=f"If it means missing, add --missing {_quoted(shown)}; or leave the column out with --exclude "
        f"{_quoted(profile.name)}.",
        fixes=tuple(_fixes(profile, needed=needed)),
    )


def _fixes(profile: Profile, *, needed: bool) -> Iterator[Fix]:
    texts = profile.texts(_NAMED + 1)
    if all(_DECIMAL_COMMA.fullmatch(text) for text in texts):
        yield Fix("Read the comma as decimal sign", {"decimal": ","})
    elif profile.kind == "mixed" and len(texts) <= _NAMED:
        yield Fix(f"Take {', '.join(map(repr, texts))} as missing", {"missing": tuple(texts)})
    if not needed:
        yield Fix(f"Leave out column {profile.name!r}", {"exclude": (profile.name,)})


def _quoted(text: str) -> str:
    return text if text.isalnum() else f'"{text}"'


def _against_name(profile: Profile, company: Company) -> str | None:
    spelled = plain(profile.name)
    if spelled in LABELS and company.label is not None and spelled not in MEASURABLE_LABELS:
        return "it repeats the label"
    if spelled in LABELS and spelled not in MEASURABLE_LABELS:
        return f"named like a label, but not 0 and 1; use --label {profile.name} if it marks anomalies"
    if spelled in LABEL_KINDS or spelled in EVENTS:
        return "it names or repeats the label" if company.label else "it marks events, it measures nothing"
    if profile.numeric and spelled in STATES:
        return f"a state, not a measurement; use --label {profile.name} if it marks anomalies"
    return None


def _against_numbers(profile: Profile, company: Company) -> str | None:
    if not profile.numeric:
        return None
    if _may_count(profile, company) and _counts_rows(profile, company):
        return "a row number"
    if names_identifier(profile.name):
        return "an identifier"
    if names_time(profile.name) and profile.kind != "states" and _is_clock_like(profile):
        return "a second time column"
    values = profile.values()
    if company.flags is not None and len(values) >= _ENOUGH and profile.kind == "number":
        nonzero = ~np.isnan(values) & (values != 0)
        if nonzero.any() and not (nonzero & ~company.flags).any():
            return "it repeats the label: it is nonzero only where the label is set"
    return "a property of the device, not a measurement" if _tells_device(profile, company) else None


def _is_clock_like(profile: Profile) -> bool:
    values = profile.values()
    return bool(np.nanmedian(np.abs(values)) >= 1e8)


def _may_count(profile: Profile, company: Company) -> bool:
    """Tell whether the name, or the first place in a table that is long enough, suits a row number."""
    named = not profile.name or plain(profile.name) in ROW_NUMBERS or names_identifier(profile.name)
    return named or (profile.name == company.first and len(profile.column) >= _ENOUGH)


def _counts_rows(profile: Profile, company: Company) -> bool:
    """Tell whether the column rises by one from row to row, in the table or within each device."""
    values = profile.values()
    if len(values) < 3:
        return False
    same = np.diff(company.device) == 0
    steps = np.diff(values)
    return bool((steps == 1).all() or (same.any() and (steps[same] == 1).all()))


def _tells_device(profile: Profile, company: Company) -> bool:
    """Tell whether the value follows from the device, while devices differ."""
    if company.devices < 2 or profile.numbers is None or profile.numbers.n_unique() > company.devices:
        return False
    values = profile.values()
    low, high = np.full(company.devices, np.inf), np.full(company.devices, -np.inf)
    np.minimum.at(low, company.device, values)
    np.maximum.at(high, company.device, values)
    return bool((low == high).all() and len(np.unique(low)) > 1)


def _against_text(profile: Profile, company: Company) -> str | None:
    if profile.kind == "time":
        return "a second time column"
    if profile.kind == "other":
        return f"values of type {profile.column.dtype} are no numbers"
    if profile.kind == "states":
        return "it names the label" if _names_label(profile, company) else None
    if profile.kind == "mixed" and names_identifier(profile.name):
        return "an identifier"
    if profile.kind != "text":
        return None
    if _names_label(profile, company):
        return "it names the label"
    unique = profile.spelled().n_unique() == len(profile.column)
    return "an identifier" if unique or names_identifier(profile.name) else "text, not a measurement"


def _names_label(profile: Profile, company: Company) -> bool:
    """Tell whether each text (or its absence) stands beside one value of the label only."""
    if company.flags is None or len(company.flags) < _ENOUGH or company.flags.all() or not company.flags.any():
        return False
    pairs = pl.DataFrame({"text": profile.spelled(), "flag": company.flags}).unique()
    texts = pairs["text"].n_unique()
    return texts == len(pairs) and 2 <= texts <= _FEW
