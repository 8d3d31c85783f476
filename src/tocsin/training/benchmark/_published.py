"""Figures that others have published, to stand beside ours; each row names its source."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class Published:
    """One published row.

    Parameters
    ----------
    method
        As its authors call it.
    values
        Figures by column; None where none was published.
    source
        Where it stands.
    """

    method: str
    values: dict[str, float | None]
    source: str


def published(name: str) -> tuple[Published, ...]:
    """Return the rows of a file of published figures; none for "".

    >>> published("nab")[-2].method, published("nab")[-2].values["standard"]
    ('Windowed Gaussian', 39.6)
    """
    if not name:
        return ()
    rows = rows_of(name)
    plain = ("method", "source")
    return tuple(
        Published(row["method"], {k: _number(v) for k, v in row.items() if k not in plain}, row["source"])
        for row in rows
    )


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the lines of a file in the folder ``published``, by column."""
    text = files(__package__).joinpath("published", f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _number(text: str) -> float | None:
    return float(text) if text else None
