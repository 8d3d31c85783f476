"""How the columns of a table were understood: printed before training, stored in the artifact, applied when scoring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tocsin.core.schema import Channel, Schema

MISSING = ("", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "-nan", "NaT", "null", "NULL", "None", "none", "-", "--", "?")
"""Texts that mean "missing" unless the user adds others."""

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(frozen=True)
class Layout:
    r"""What each column of a table is.

    Parameters
    ----------
    separator, decimal, encoding
        How the text is written; "" for the separator and the encoding of a Parquet file or a frame.
    time
        The columns that hold the time: none, one, or two (date and time of day).
    time_format
        "iso", "epoch_s", "epoch_ms", "epoch_us", "epoch_ns", a pattern such as "%Y.%m.%d.%H.%M.%S" (for two columns: of
        both, joined by a blank), or "row", where the row's number within its device stands for the time.
    timezone
        The zone of stamps that name none, such as "Europe/Berlin". In the hour that daylight saving repeats, the pass
        is meant that is nearer to when the device's next reading was due in the file's order, the first where there is
        none before: log in UTC to be sure. A stamp that it skips is read with the offset in force before.
    device
        The column that names the device, or None for a single device.
    channels
        The measured quantities; a name is the column's name (in long form, an entry of the name column).
    label
        The column that marks anomalies, or None.
    long
        In long form, the column with the channel's name and the column with the value; None for a table in wide form.
    missing
        Texts that mean "missing".
    sentinels
        Values that mean "missing", by channel, such as ("CO(GT)", -200.0).
    excluded
        The columns left out, each with the reason.
    notes
        Guesses that deserve a look, such as a date that could be read either way.

    Examples
    --------
    >>> layout = Layout(time=("time",), time_format="iso", channels=(Channel("temp", "°C"),), label="anomaly")
    >>> print("\n".join(layout.lines()))
    time: time (iso, UTC)
    device: none, all rows are of one device
    channels: 1: temp [°C]
    label: anomaly
    """

    separator: str = ","
    decimal: str = "."
    encoding: str = "utf-8"
    time: tuple[str, ...] = ()
    time_format: str = "row"
    timezone: str = "UTC"
    device: str | None = None
    channels: tuple[Channel, ...] = ()
    label: str | None = None
    long: tuple[str, str] | None = None
    missing: tuple[str, ...] = MISSING
    sentinels: tuple[tuple[str, float], ...] = ()
    excluded: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def schema(self) -> Schema:
        """The channels as a schema."""
        return Schema(self.channels)

    def lines(self) -> tuple[str, ...]:
        """Return what a person should check before training, one line each."""
        return (
            *self._text_line(),
            f"time: {self._time_line()}",
            f"device: {self.device or 'none, all rows are of one device'}",
            f"channels: {len(self.channels)}: {_listed([channel.label for channel in self.channels])}",
            *([f"long form: names in {self.long[0]}, values in {self.long[1]}"] if self.long else []),
            f"label: {self.label or 'none'}",
            *self._sentinel_line(),
            *self._excluded_lines(),
            *(f"note: {note}" for note in self.notes),
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the layout as plain values, ready for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> Layout:
        """Return the layout that :meth:`as_dict` described, also after a trip through JSON.

        >>> import json
        >>> layout = Layout(channels=(Channel("t", "K"),), sentinels=(("t", -200.0),))
        >>> Layout.from_dict(json.loads(json.dumps(layout.as_dict()))) == layout
        True
        """
        plain = {name: _tuples(value) for name, value in values.items() if name != "channels"}
        return Layout(**plain, channels=tuple(Channel(**channel) for channel in values["channels"]))

    def _text_line(self) -> list[str]:
        if self.decimal == "." and self.separator in {",", ""} and self.encoding in {"utf-8", "utf-8-sig", ""}:
            return []
        comma = ", decimal comma" if self.decimal == "," else ""
        return [f"text: separated by {_SEPARATORS.get(self.separator, repr(self.separator))}{comma}, {self.encoding}"]

    def _time_line(self) -> str:
        if self.time_format == "row":
            return "none, the row's number within its device is the clock"
        zone = "" if self.time_format.startswith("epoch") else f", {self.timezone}"
        return f"{' + '.join(_shown(name) for name in self.time)} ({self.time_format}{zone})"

    def _sentinel_line(self) -> list[str]:
        if not self.sentinels:
            return []
        by_value: dict[float, list[str]] = {}
        for name, value in self.sentinels:
            by_value.setdefault(value, []).append(name)
        return [f"taken as missing: {value:g} in {_listed(names)}" for value, names in by_value.items()]

    def _excluded_lines(self) -> list[str]:
        by_reason: dict[str, list[str]] = {}
        for name, reason in self.excluded:
            by_reason.setdefault(reason, []).append(_shown(name))
        return [f"left out: {_listed(names)} — {reason}" for reason, names in by_reason.items()]


def _shown(name: str) -> str:
    return name if name.strip() else "(unnamed)"


def _listed(texts: list[str], most: int = 12) -> str:
    more = [f"and {len(texts) - most} more"] if len(texts) > most else []
    return ", ".join(texts[:most] + more)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list | tuple) else value
