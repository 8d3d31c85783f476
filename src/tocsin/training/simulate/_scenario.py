"""What every scenario promises, and what several share: a table with the truth beside the readings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from tocsin.core.arrays import FloatArray
from tocsin.core.errors import MissingExtraError, SettingError

if TYPE_CHECKING:
    import polars

MOST = 0.25
"""The largest share of anomalies that still leaves normal readings between events."""


class Scenario(ABC):
    """Simulated readings whose anomalies are known; a frozen dataclass whose fields are its settings.

    The files of this room are the scenarios: file name = name on the command line. Each has the settings ``rows``,
    ``seed``, ``anomaly_share``, ``kinds``, ``devices`` and ``drift``, and may have more.
    """

    file_name: ClassVar[str]
    """Where the command line writes the table unless told otherwise."""

    @abstractmethod
    def table(self) -> polars.DataFrame:
        """Return the readings in order of time, with columns ``label``, ``event`` and ``event_size`` beside them."""


def refuse_unless(fine: bool, message: str, remedy: str) -> None:
    """Raise a SettingError with a remedy, unless all is fine."""
    if not fine:
        raise SettingError(message, remedy=remedy)


def check_common(*, anomaly_share: float, devices: int, seed: int) -> None:
    """Refuse what no scenario can do."""
    refuse_unless(0 <= anomaly_share <= MOST, f"anomaly_share is {anomaly_share}.", f"Give 0 to {MOST}.")
    refuse_unless(devices >= 1, f"{devices} devices give no readings.", "Ask for 1 or more.")
    refuse_unless(seed >= 0, f"The seed {seed} is negative.", "Give 0 or more.")


def check_kinds(asked: Sequence[str], known: Sequence[str]) -> None:
    """Refuse kinds of events that the scenario does not know."""
    listed = f"Choose from: {', '.join(dict.fromkeys(known))}."
    refuse_unless(len(asked) > 0, "No kind of event is named.", listed)
    for kind in asked:
        refuse_unless(kind in known, f"This scenario has no events of kind {kind!r}.", listed)


def require_polars() -> None:
    """Raise unless tables can be made.

    Raises
    ------
    MissingExtraError
        With the extra that brings polars.
    """
    try:
        import polars  # noqa: F401  # only to see that it is there
    except ImportError:
        raise MissingExtraError("Simulating readings", extra="files", library="polars") from None


def truth(rows: int, events: Sequence[tuple[str, int, int, float]]) -> dict[str, polars.Series]:
    """Return the columns ``label``, ``event`` and ``event_size`` of events given as (kind, start, end, size).

    >>> {name: column.to_list() for name, column in truth(3, [("spike", 1, 2, 2.5)]).items()}
    {'label': [0, 1, 0], 'event': [None, 'spike', None], 'event_size': [None, 2.5, None]}
    """
    import polars as pl

    kind: list[str | None] = [None] * rows
    size: FloatArray = np.full(rows, np.nan)
    for name, start, end, measured in events:
        kind[start:end] = [name] * (end - start)
        size[start:end] = measured
    return {
        "label": pl.Series(np.isfinite(size).astype(np.int64)),
        "event": pl.Series(kind, dtype=pl.String),
        "event_size": pl.Series(size).fill_nan(None).round(2),
    }
