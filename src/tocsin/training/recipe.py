"""The recipe: every choice that training needs, with defaults that suit most plants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, cast, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from tocsin.alerting.policy import Policy
from tocsin.alerting.settings import adjusted
from tocsin.core.contracts import Detector, Threshold
from tocsin.core.discover import load
from tocsin.core.errors import SettingError
from tocsin.core.kinds import KINDS, Kind
from tocsin.core.schema import Channel, Schema
from tocsin.prepare import Features, parse
from tocsin.prepare.scale import Scale
from tocsin.training.rule import threshold_of

_WHOLE = {
    "window": (1, 100_000),
    "hold": (0, 100_000),
    "seed": (0, 2**32 - 1),
}
"""Settings that are whole numbers, and between what."""

_LONGEST_S = 366 * 86_400.0
"""No period and no lateness is longer than a year, in seconds."""


ALARM = {
    **{name: name for name in ("raise_after", "release_below", "release_after", "cooldown", "merge_within")},
    **{name: name for name in ("together", "grades", "quiet", "maintenance")},
    "channel_rules": "channel",
    "device_rules": "device",
}
"""The recipe's choices of the alarm policy, and their names in [alarm]."""

DEFAULT = "auto"
"""The detector that learns where none is named: it looks at the readings before it chooses."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. What is None is chosen from the detector or the readings.

    Parameters
    ----------
    detector
        Name of a detector; ``tocsin detectors`` lists them. "auto" looks at the readings and says what it chose.
    settings
        The detector's own settings by name; those left out keep their defaults.
    window
        Readings in a window; None for one that suits the detector and the readings (:mod:`tocsin.training.settle`).
    scale
        "minmax", "zscore", "robust" or "none"; None for the detector's default.
    prepare
        Steps that change the scaled values, such as "difference:1", "detrend:100", "denoise:db4,2" and "bands:256", or
        add columns to them, such as "rolling:12" and "lag:1,6"; each takes what the ones before it left.
    kinds
        "auto": kinds of channels (counters, angles, switches, …; :data:`tocsin.core.kinds.Kind`) are recognised, and
        each is treated as it needs; "off": all are plain quantities; or kinds by channel, the others recognised.
    threshold
        Such as "percentile:99.5", "percentile:95@training" or "fixed:3.5"; None for the detector's default.
    clock
        "auto": gather readings on a grid unless they lie on one already; "on"; "off".
    period_s
        Cadence in seconds; None for the one found in the readings.
    lateness_s
        How long a bin is kept open for stragglers, in seconds, with the clock on; None for one period.
    hold
        Periods for which a silent channel keeps its last value; more where the slowest channel speaks less often.
    raise_after
        Anomalous windows in a row that open an incident, such as 3, or how long they must last, such as "10min"; None
        for 3, unless a budget chooses another.
    release_below
        An incident's windows count as quiet at scores up to this share of the limit.
    release_after
        Quiet windows in a row that close an incident, or how long they must last.
    cooldown
        Windows after a close, or the time, in which no incident opens.
    merge_within
        An incident that begins so soon after another of its device has ended goes on with that one, such as "1h"; None
        for never.
    together
        Incidents of any devices that open so soon after the first of them form a group, such as "5min"; None for no
        groups.
    grades
        From which severity on an incident is major, and from which on critical; below, it is minor.
    quiet
        Hours in which nobody is to be called, such as "22:00-06:00 Europe/Berlin" and "Sat,Sun": incidents are held
        back, counted, and told afterwards if they are still open.
    maintenance
        Work at the plant, such as "2026-03-01T08:00Z/2026-03-01T12:00Z", with a pattern of devices behind it if not all
        are meant: what begins then is counted, and nobody is told.
    channel_rules
        What is wanted of channels, by name, such as ``{"temperature": "high, least 2, expected 0..80"}`` or
        ``{"humidity": "mute"}``: which deviations matter, the smallest one worth telling, a range outside which a value
        rings whatever its score, and the channel's own ``raise_after``.
    device_rules
        What is different for some devices, by name or pattern, such as ``{"pump-*": {"limit_factor": 1.5}}``: settings
        of the alarm, a factor on the limit, ``mute``, and channels' rules under ``channel``.
    seed
        Seed of all chance in training.
    """

    detector: str = DEFAULT
    settings: Mapping[str, Any] = field(default_factory=dict)
    window: int | None = None
    scale: str | None = None
    prepare: tuple[str, ...] = ()
    kinds: Literal["auto", "off"] | Mapping[str, Kind] = "auto"
    threshold: str | None = None
    clock: Literal["auto", "on", "off"] = "auto"
    period_s: float | None = None
    lateness_s: float | None = None
    hold: int = 3
    raise_after: int | str | None = None
    release_below: float = 0.9
    release_after: int | str = 3
    cooldown: int | str = 0
    merge_within: int | str | None = None
    together: int | str | None = None
    grades: tuple[float, float] = (1.5, 3.0)
    quiet: tuple[str, ...] = ()
    maintenance: tuple[str, ...] = ()
    channel_rules: Mapping[str, Any] = field(default_factory=dict)
    device_rules: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        for name, (least, most) in _WHOLE.items():
            _whole(name, getattr(self, name), least=least, most=most)
        for name in ("period_s", "lateness_s"):
            _seconds(name, getattr(self, name), least=1e-9 if name == "period_s" else 0.0)
        if self.clock not in ("auto", "on", "off"):
            raise SettingError(f"The clock cannot be {self.clock!r}.", remedy="Choose one of: auto, on, off.")
        _known_kinds(self.kinds)
        object.__setattr__(self, "settings", detector_settings(self.detector, self.settings))
        detector = self.make_detector()
        self.make_threshold(detector)
        self.make_scale(detector)
        self._check_alarm()
        if self.readings(detector) > _WHOLE["window"][1]:
            raise SettingError(
                f"Window and prepare steps together hold {self.readings(detector)} readings.",
                remedy=f"{_WHOLE['window'][1]} are allowed.",
            )

    def make_detector(self) -> Detector:
        """Return the detector with its settings.

        Raises
        ------
        SettingError
            If there is no such detector or setting, or a setting is of the wrong kind.
        """
        made = load("detectors", self.detector)(**self.settings)
        assert isinstance(made, Detector)
        return made

    def make_policy(
        self,
        schema: Schema,
        *,
        window: int,
        period_ns: int,
        row_clock: bool,
        devices: Sequence[str] = (),
        usual: Sequence[float] = (),
    ) -> Policy:
        """Return the alarm policy.

        Parameters
        ----------
        schema, window, period_ns, row_clock, devices
            See :func:`tocsin.alerting.settings.adjusted`.
        usual
            Each channel's usual value; none where nobody knows yet.
        """
        asked = {name: getattr(self, own) for own, name in ALARM.items()}
        return adjusted(
            Policy(len(schema), usual=tuple(usual)),
            asked,
            schema=schema,
            window=window,
            period_ns=period_ns,
            row_clock=row_clock,
            devices=devices,
        )

    def _check_alarm(self) -> None:
        """Refuse settings of the alarm that no readings could make good."""
        for own in ("channel_rules", "device_rules"):
            if not isinstance(getattr(self, own), Mapping):
                raise SettingError(f"{own} is {getattr(self, own)!r}, and no table.", remedy="Give names with rules.")
        for own in ("raise_after", "release_after", "cooldown", "merge_within", "together"):
            written = getattr(self, own)
            if isinstance(written, str) and written.strip().isdecimal():
                object.__setattr__(self, own, int(written))
        self.make_policy(Schema(tuple(map(Channel, self._spoken_of()))), window=1, period_ns=1, row_clock=False)

    def _spoken_of(self) -> list[str]:
        """Return the channels that rules are about."""
        tables = [self.channel_rules]
        for rule in self.device_rules.values():
            if isinstance(rule, Mapping) and isinstance(rule.get("channel"), Mapping):
                tables.append(rule["channel"])
        return list(dict.fromkeys(str(name) for table in tables for name in table)) or [""]

    def make_features(self) -> Features:
        """Return the steps that add columns."""
        if isinstance(self.prepare, str):
            raise SettingError(
                f"prepare is the text {self.prepare!r}.", remedy=f"Give a tuple of texts: ({self.prepare!r},)"
            )
        return parse(self.prepare)

    def readings(self, detector: Detector) -> int:
        """Return on how many readings a score depends: the detector's window, and what steps look back on for it."""
        return self.make_features().readings(self.window or detector.default_window)

    def kinds_of(self, schema: Schema) -> tuple[Kind, ...]:
        """Return the kind of each channel of ``schema`` by a settled recipe; () where all are plain quantities."""
        kinds = {} if isinstance(self.kinds, str) else self.kinds
        told = tuple(kinds.get(name, "real") for name in schema.names)
        return told if set(told) - {"real"} else ()

    def make_threshold(self, detector: Detector) -> tuple[str, Threshold]:
        """Return the threshold as written, and as an object."""
        written = detector.default_threshold if self.threshold is None else self.threshold
        return written, threshold_of(written)

    def make_scale(self, detector: Detector) -> Scale:
        """Return the scale."""
        return Scale(self.scale or detector.default_scale)  # type: ignore[arg-type]  # checked by Scale


def detector_settings(detector: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a detector's settings with texts turned into what the detector takes.

    >>> detector_settings("lstm_autoencoder", {"epochs": "5", "hidden": "32,16"})
    {'epochs': 5, 'hidden': (32, 16)}
    """
    kind = load("detectors", detector)
    hints = get_type_hints(kind)
    known = [f.name for f in fields(kind)]
    if unknown := sorted(set(values) - set(known)):
        others = " Those of another detector need its name (--detector)." if detector == DEFAULT else ""
        raise SettingError(f"{detector} has no setting {unknown[0]!r}.", remedy=f"It has: {', '.join(known)}.{others}")
    return {name: _convert(name, value, hints[name]) for name, value in values.items()}


def _convert(name: str, value: Any, hint: Any) -> Any:
    if get_origin(hint) is tuple and isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    try:
        return TypeAdapter(hint).validate_python(value)
    except ValidationError as error:
        raise SettingError(
            f"{name} is {value!r}: {error.errors()[0]['msg']}.", remedy="Correct that setting."
        ) from None


def _whole(name: str, value: object, *, least: int, most: int) -> None:
    if value is None and name == "window":
        return
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        shown = f"{value!r}" if value != "" else "nothing"
        raise SettingError(
            f"{name} must be a whole number from {least} to {most}, not {shown}.",
            remedy=f"For example: --{name.replace('_', '-')} {max(least, 3)}",
        )


def _known_kinds(kinds: object) -> None:
    given = set(kinds.values()) if isinstance(kinds, Mapping) else set() if kinds in ("auto", "off") else {str(kinds)}
    if unknown := sorted(given - set(cast(tuple[str, ...], KINDS))):
        raise SettingError(f"There is no kind of channel {unknown[0]!r}.", remedy=f"Choose from: {', '.join(KINDS)}.")


def _seconds(name: str, value: float | None, *, least: float) -> None:
    if value is not None and not (isinstance(value, int | float) and least <= value <= _LONGEST_S):
        raise SettingError(
            f"{name} must be a number of seconds up to {_LONGEST_S:g}, not {value!r}.",
            remedy=f"For example: --{name.removesuffix('_s')} 60",
        )
