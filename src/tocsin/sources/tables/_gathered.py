"""The tables of one asset, gathered: what its sensors said, as one table, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.sources.tables._overrides import Overrides
from tocsin.sources.tables._require import require_polars

if TYPE_CHECKING:
    import polars as pl

    from tocsin.sources.tables._gather import Sensor


@dataclass(frozen=True, eq=False)
class Gathered:
    """What the sensors of one asset said.

    Parameters
    ----------
    sensors
        Each as it stood in the files.
    """

    sensors: tuple[Sensor, ...]

    @property
    def silent(self) -> tuple[str, ...]:
        """Names of the sensors without a single number at a time that can be read."""
        from tocsin.sources.tables._gather import says_something

        return tuple(sensor.name for sensor in self.sensors if not says_something(sensor))

    def table(self, periods: Sequence[tuple[int, int]] | None = None) -> pl.DataFrame:
        """Return them side by side; see :func:`tocsin.sources.tables._gather.side_by_side`."""
        from tocsin.sources.tables._gather import side_by_side

        return side_by_side(self.sensors, periods)

    def quality(self) -> dict[str, Any]:
        """Return what is wrong with them, counted as Lookout for Equipment counted it."""
        from tocsin.sources.tables._ingested import ingested

        return ingested(self.sensors)


def gathered(place: Path | str, *, overrides: Overrides = Overrides()) -> Gathered:  # noqa: B008  # frozen
    """Read the tables of one asset: a file, or all files of a folder.

    Parameters
    ----------
    place
        A CSV or Parquet file, or a folder. A table in a subfolder belongs to the component of that name, any other is a
        component of its own.
    overrides
        What the user knows of all of them.

    Raises
    ------
    InputError
        If there is no table, or one cannot be read.
    MissingExtraError
        If Polars is not installed.
    """
    require_polars("Reading tables")
    from tocsin.sources.tables._gather import sensors_in

    return Gathered(tuple(sensors_in(Path(place), overrides)))


def read_periods(path: Path | str, *, timezone: str = "UTC") -> list[tuple[int, int]]:
    """Return the periods in a CSV file, each from start to end, in ns since the epoch.

    Parameters
    ----------
    path
        Start and end in the first two columns, without a header or with one; further columns, such as a fault code,
        are passed over.
    timezone
        Of times that name none.

    Raises
    ------
    InputError
        If it cannot be read, or a period ends before it starts.
    MissingExtraError
        If Polars is not installed.
    """
    require_polars("Reading tables")
    from tocsin.sources.tables._periods import periods_in

    return periods_in(Path(path), timezone=timezone)
