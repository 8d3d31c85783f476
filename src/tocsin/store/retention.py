"""How long a store keeps what."""

from __future__ import annotations

from dataclasses import dataclass, fields

from tocsin.core.errors import SettingError

_DAY = 86_400 * 10**9


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long a store keeps what, counted from when it was written.

    Incidents that are open, and notices that a sink has not yet taken, are kept for as long as they are.

    Parameters
    ----------
    verdicts_ns
        Verdicts, in ns; two hours at least.
    incidents_ns
        Incidents after they closed, with their history and what people said of them, in ns.
    dead_ns
        Dead letters, in ns.
    dead_most
        So many dead letters at most, the newest; so a flood of nonsense fills no disk.

    Raises
    ------
    SettingError
        If one is not above 0.

    Examples
    --------
    >>> Retention(verdicts_ns=0)
    Traceback (most recent call last):
    tocsin.core.errors.SettingError: A retention of verdicts_ns = 0 keeps nothing. Give a number above 0.
    """

    verdicts_ns: int = 30 * _DAY
    incidents_ns: int = 365 * _DAY
    dead_ns: int = 7 * _DAY
    dead_most: int = 100_000

    def __post_init__(self) -> None:
        for field in fields(self):
            if (value := getattr(self, field.name)) <= 0:
                raise SettingError(
                    f"A retention of {field.name} = {value} keeps nothing.", remedy="Give a number above 0."
                )
