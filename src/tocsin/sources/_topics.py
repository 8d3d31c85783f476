"""What a topic says of a message: whose it is, and of which channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from tocsin.core.errors import SettingError

Naming: TypeAlias = Callable[[str], tuple[str, str]]
"""From a topic, or a key, to the names of device and channel; "" where it does not say."""

_MOST = 1 << 18


def whole(topic: str) -> tuple[str, str]:
    """Take the whole of a topic, or key, as the device's name.

    >>> whole("pump-1")
    ('pump-1', '')
    """
    return topic, ""


@dataclass(frozen=True)
class Topics:
    """A pattern of topics whose levels have names: ``plant/{device}/env``, ``plant/+/{device}/{channel}``, ``plant/#``.

    Without ``{device}``, whatever stands for the wildcards, joined by "/", is the device.

    Parameters
    ----------
    pattern
        As written.
    from_topic
        Off where the message itself names its device.

    Examples
    --------
    >>> topics = Topics("plant/{device}/+/{channel}")
    >>> topics.filter, topics.names("plant/pump-1/raw/temp")
    ('plant/+/+/+', ('pump-1', 'temp'))
    >>> Topics("plant/+/env/#").names("plant/hall-2/env/rack/3")
    ('hall-2/rack/3', '')
    """

    pattern: str
    from_topic: bool = True
    _known: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        levels = self.pattern.split("/")
        wrong = next((level for level in levels if not _whole_level(level)), None)
        if not self.pattern or wrong is not None or "#" in levels[:-1] or "\x00" in self.pattern:
            what = f"{wrong!r} mixes a wildcard with text" if wrong else "it is empty, or '#' is not its last level"
            raise SettingError(
                f"The topic {self.pattern!r} cannot be subscribed to: {what}.",
                remedy="Write one such as plant/{device}/env, plant/+/env or plant/#.",
            )
        if levels[0] == "$share":
            raise SettingError(
                "A shared subscription scatters the readings of one device over all workers.",
                remedy="Use workers=3&worker=0 and so on instead: each worker then takes its share of the devices.",
            )
        named = [level for level in levels if level.startswith("{")]
        if len(set(named)) < len(named):
            raise SettingError(f"The topic {self.pattern!r} names a level twice.", remedy="Give each its own name.")

    @property
    def filter(self) -> str:
        """The topic filter that a broker understands."""
        return "/".join("+" if level.startswith("{") else level for level in self.pattern.split("/"))

    @property
    def names_device(self) -> bool:
        """Whether a topic says whose the message is."""
        return self.from_topic and any(level in ("{device}", "+", "#") for level in self.pattern.split("/"))

    def names(self, topic: str) -> tuple[str, str]:
        """Return the names of device and channel in a topic, "" for what it does not say."""
        if (known := self._known.get(topic)) is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[topic] = self._read(topic)
        return known

    def _read(self, topic: str) -> tuple[str, str]:
        levels, found, rest = topic.split("/"), {}, []
        for place, level in enumerate(self.pattern.split("/")):
            said = "/".join(levels[place:]) if level == "#" else levels[place] if place < len(levels) else ""
            if level.startswith("{"):
                found[level[1:-1]] = said
            if level != "{channel}" and (level in ("+", "#") or level.startswith("{")) and said:
                rest.append(said)
        device = found.get("device") or "/".join(rest)
        return device if self.from_topic else "", found.get("channel", "")


def _whole_level(level: str) -> bool:
    if level in ("+", "#"):
        return True
    inner = level[1:-1] if level.startswith("{") and level.endswith("}") else level
    return not any(sign in inner for sign in "+#{}") and bool(inner or not level)
