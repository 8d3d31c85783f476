"""The rule for the limit: from what people write, on a command line or in a file, to a threshold."""

from __future__ import annotations

from tocsin.core.contracts import Threshold
from tocsin.core.discover import load
from tocsin.core.errors import SettingError


def threshold_of(written: str) -> Threshold:
    """Return the threshold that is written, such as "percentile:99.5".

    Raises
    ------
    SettingError
        If there is no such threshold, or a setting of it cannot be.

    Examples
    --------
    >>> threshold_of("percentile:99.5")
    Percentile(percent=99.5, reference='calibration')
    """
    name, colon, rest = written.partition(":")
    if colon and not rest.strip():
        raise SettingError(f"{written!r} says nothing behind its colon.", remedy=f"For its defaults, write {name!r}.")
    made = load("thresholds", name).parse(rest)
    assert isinstance(made, Threshold)
    return made


def rule_of(threshold: str | None, budget: str | None) -> str | None:
    """Return the threshold that was asked for; a budget is one.

    >>> rule_of(None, "1 per device per week")
    'budget:1 per device per week'

    Raises
    ------
    SettingError
        If both are given, or one of them is empty.
    """
    if threshold is not None and budget is not None:
        raise SettingError("--budget is a threshold too: both were given.", remedy="Give one of the two.")
    if threshold == "" or (budget is not None and not budget.strip()):
        name, example = ("threshold", "percentile:99.5") if budget is None else ("budget", "1 per device per week")
        raise SettingError(f"--{name} is empty.", remedy=f"For example: --{name} '{example}'")
    return threshold if budget is None else f"budget:{budget}"
