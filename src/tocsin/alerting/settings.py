"""From settings as people write them, in [alarm] of a ``tocsin.toml``, to a policy: for training and for editing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tocsin.alerting._rules import CHANNEL_KEYS, intent_table, written_rule
from tocsin.alerting.device_rule import DeviceRule
from tocsin.alerting.intent import Intent
from tocsin.alerting.maintenance import Maintenance
from tocsin.alerting.policy import Policy
from tocsin.alerting.span import Span
from tocsin.core.errors import SettingError
from tocsin.core.schema import Schema

__all__ = ["adjusted", "written_rule"]

SPANS = {"raise_after": 1, "release_after": 1, "cooldown": 0}
"""Settings that are a count of windows or a time, and the least count."""

REACHES = ("merge_within", "together")
"""Settings that are a time; a count of windows stands for the time between so many readings."""

KEYS = (*SPANS, "release_below", *REACHES, "grades", "quiet", "maintenance", "channel", "device")
"""What [alarm] may hold."""

DEVICE_KEYS = (*SPANS, "release_below", "limit_factor", "mute", "channel")
"""What [alarm.device."PATTERN"] may hold."""


@dataclass(frozen=True)
class _Place:
    """Where a policy is to work."""

    names: tuple[str, ...]
    devices: tuple[str, ...]
    period_ns: int
    row_clock: bool


def adjusted(
    policy: Policy,
    alarm: Mapping[str, Any],
    *,
    schema: Schema,
    window: int,
    period_ns: int,
    row_clock: bool,
    devices: Sequence[str] = (),
) -> Policy:
    """Return ``policy`` with what is asked for changed, and all else as it was.

    Parameters
    ----------
    policy
        The policy so far; ``Policy(len(schema))`` for none.
    alarm
        As in [alarm] of a ``tocsin.toml``: see :data:`KEYS`. What is None is left out. ``channel`` and ``device`` hold
        a table for each channel or pattern of devices; what a table does not name stays as it was.
    schema
        The channels.
    window
        Readings in a window.
    period_ns
        Between two readings, in ns.
    row_clock
        Are rows counted, because there is no clock? Then times are refused.
    devices
        The devices known, none where nobody knows any.

    Raises
    ------
    SettingError
        If a key, a channel or a device is unknown, or a value cannot be; the message names what there is.

    Examples
    --------
    >>> from tocsin.core.schema import Channel
    >>> plant = {"schema": Schema((Channel("temperature"),)), "window": 10, "period_ns": 10**9, "row_clock": False}
    >>> asked = {"raise_after": "10min", "channel": {"temperature": {"direction": "high", "least": 2}}}
    >>> found = adjusted(Policy(1), asked, **plant)
    >>> found.raise_after_ns // 10**9, found.intents[0].direction
    (600, 'high')
    """
    given = _given(alarm, KEYS, "[alarm]")
    place = _Place(schema.names, tuple(devices), period_ns, row_clock)
    changes: dict[str, Any] = {**_spans(given, place), **_reaches(given, place), **_plain(given, place)}
    if "channel" in given:
        changes["intents"] = _intents(policy.intents, given["channel"], place)
    if "device" in given:
        changes["devices"] = _rules(policy.devices, given["device"], place)
    return replace(policy, **changes, reach_ns=0 if row_clock else window * period_ns)


def _given(table: object, known: Sequence[str], where: str) -> dict[str, Any]:
    if not isinstance(table, Mapping):
        raise SettingError(f"{where} is {table!r}, and no table.", remedy=f"It may hold: {', '.join(known)}.")
    if unknown := [name for name in table if name not in known]:
        raise SettingError(f"{where} has no setting {unknown[0]!r}.", remedy=f"It has: {', '.join(known)}.")
    return {name: value for name, value in table.items() if value is not None}


def _spans(given: Mapping[str, Any], place: _Place) -> dict[str, int]:
    """Return counts of windows and times by the policy's names."""
    found: dict[str, int] = {}
    for name in SPANS.keys() & given.keys():
        span = _span(given[name], name, place, least=SPANS[name])
        found |= {name: span.windows, f"{name}_ns": span.ns}
    return found


def _span(written: object, name: str, place: _Place, *, least: int) -> Span:
    span = Span.parse(written, name=name, least=least)
    if span.ns and place.row_clock:
        raise SettingError(
            f"{name} is the time {written!r}, but these readings have no clock: their rows are counted.",
            remedy=f"Give a number of windows, such as {max(least, 3)}, or name the time column with --time.",
        )
    return span


def _reaches(given: Mapping[str, Any], place: _Place) -> dict[str, int]:
    found = {}
    for name in REACHES:
        if name in given:
            span = _span(given[name], name, place, least=0)
            found[f"{name}_ns"] = span.ns or span.windows * place.period_ns
    return found


def _plain(given: Mapping[str, Any], place: _Place) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "release_below" in given:
        found["release_below"] = _number(given["release_below"], "release_below", "0.9")
    if "grades" in given:
        bounds = _several(given["grades"])
        if len(bounds) != 2:
            raise SettingError(f"grades are {given['grades']!r}.", remedy="Give two severities, such as 1.5 and 3.")
        found["grades"] = tuple(_number(bound, "grades", "1.5 and 3") for bound in bounds)
    for name in ("quiet", "maintenance"):
        if name in given:
            found[name] = tuple(str(text) for text in _several(given[name]))
            if found[name] and place.row_clock:
                raise SettingError(
                    f"{name} needs to know the time, but these readings have no clock: their rows are counted.",
                    remedy="Name the time column with --time, or leave it out.",
                )
    for text in found.get("maintenance", ()):
        _known_device(Maintenance.parse(text).pattern, place)
    return found


def _intents(before: Iterable[Intent], tables: object, place: _Place) -> tuple[Intent, ...]:
    found = {own.channel: own for own in before}
    if not isinstance(tables, Mapping):
        raise SettingError(f"[alarm.channel] is {tables!r}, and no table.", remedy="Give a rule for each channel.")
    if strange := [name for name in tables if name not in place.names]:
        raise SettingError(f"There is no channel {strange[0]!r}.", remedy=f"There are: {', '.join(place.names)}.")
    for name, table in tables.items():
        channel = place.names.index(name)
        changes = dict(_intent(intent_table(name, table), name, place))
        found[channel] = replace(found.get(channel, Intent(channel=channel)), **changes)
    return tuple(found[channel] for channel in sorted(found))


def _intent(table: Mapping[str, Any], name: str, place: _Place) -> Iterator[tuple[str, Any]]:
    """Yield the fields of an intent that a channel's table names."""
    given = _given(table, CHANNEL_KEYS, f"[alarm.channel.{name}]")
    if "raise_after" in given:
        yield from _spans({"raise_after": given["raise_after"]}, place).items()
    if "expected" in given:
        yield from zip(("low", "high"), given["expected"], strict=True)
    for key in ("direction", "least", "mute"):
        if key in given:
            yield key, given[key]


def _rules(before: Sequence[DeviceRule], tables: object, place: _Place) -> tuple[DeviceRule, ...]:
    found = {own.pattern: own for own in before}
    if not isinstance(tables, Mapping):
        raise SettingError(f"[alarm.device] is {tables!r}.", remedy='Give a table: [alarm.device."pump-*"]')
    for pattern, table in tables.items():
        _known_device(pattern, place)
        found[pattern] = _rule(found.get(pattern, DeviceRule(pattern=pattern)), table, place)
    return tuple(found.values())


def _known_device(pattern: str, place: _Place) -> None:
    """Refuse a name that no device has; a pattern may be about devices to come."""
    if place.devices and not set("*?[") & set(pattern) and pattern not in place.devices:
        some = ", ".join(place.devices[:8]) + (", …" if len(place.devices) > 8 else "")
        raise SettingError(
            f"There is no device {pattern!r}.", remedy=f"There are {some}. Devices to come fit a pattern: 'pump-*'."
        )


def _rule(before: DeviceRule, table: object, place: _Place) -> DeviceRule:
    where = f'[alarm.device."{before.pattern}"]'
    given = _given(table, DEVICE_KEYS, where)
    changes: dict[str, Any] = dict(_spans(given, place))
    for name in ("release_below", "limit_factor"):
        if name in given:
            changes[name] = _number(given[name], f"{name} of {where}", "0.9")
    if "mute" in given:
        changes["mute"] = _switch(given["mute"], f"mute of {where}")
    if "channel" in given:
        changes["intents"] = _intents(before.intents, given["channel"], place)
    return replace(before, **changes)


def _several(written: object) -> list[Any]:
    """Return what may be given one by one or together."""
    return list(written) if isinstance(written, list | tuple) else [written]


def _number(written: object, name: str, example: str) -> float:
    try:
        if isinstance(written, bool):
            raise ValueError
        return float(written)  # type: ignore[arg-type]  # whatever it is, it is tried
    except (TypeError, ValueError):
        raise SettingError(f"{name} is {written!r}, and no number.", remedy=f"For example: {example}") from None


def _switch(written: object, name: str) -> bool:
    if not isinstance(written, bool):
        raise SettingError(f"{name} is {written!r}.", remedy="Give true or false.")
    return written
