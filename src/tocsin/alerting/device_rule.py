"""What is different for some devices of a fleet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tocsin.alerting.intent import Intent
from tocsin.core.errors import SettingError


@dataclass(frozen=True, kw_only=True)
class DeviceRule:
    """Settings of the devices whose names fit a pattern; what is None is as for all.

    Parameters
    ----------
    pattern
        A device's name, or a pattern such as "pump-*".
    raise_after, raise_after_ns, release_below, release_after, release_after_ns, cooldown, cooldown_ns
        See :class:`tocsin.alerting.policy.Policy`.
    limit_factor
        What the limit is multiplied by.
    mute
        Is nothing to be told of the device?
    intents
        What is different of its channels.
    """

    pattern: str
    raise_after: int | None = None
    raise_after_ns: int | None = None
    release_below: float | None = None
    release_after: int | None = None
    release_after_ns: int | None = None
    cooldown: int | None = None
    cooldown_ns: int | None = None
    limit_factor: float = 1.0
    mute: bool = False
    intents: tuple[Intent, ...] = ()

    def __post_init__(self) -> None:
        if not self.pattern:
            raise SettingError("A device has no name.", remedy='For example: [alarm.device."pump-*"]')
        if not (self.limit_factor > 0 and math.isfinite(self.limit_factor)):
            raise SettingError(
                f"limit_factor of {self.pattern} is {self.limit_factor!r}.",
                remedy="Give a number above 0, such as 1.5.",
            )

    def matches(self, device: str) -> bool:
        """Tell whether it is about the device called ``device``.

        >>> DeviceRule(pattern="pump-*").matches("pump-7")
        True
        """
        return device == self.pattern or fnmatchcase(device, self.pattern)


def rule_of(device: str, rules: Sequence[DeviceRule]) -> int:
    """Return the number, from 1, of the rule that is about a device; 0 for none.

    A rule with the very name comes before all patterns; among patterns, the first that fits counts.
    """
    named = [k for k, rule in enumerate(rules, start=1) if rule.pattern == device]
    fitting = [k for k, rule in enumerate(rules, start=1) if rule.matches(device)]
    return next(iter(named + fitting), 0)
