"""The sections of a ``tocsin.toml``: one file for what is learned and for what is watched."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tocsin.core.errors import SettingError

SECTIONS = {
    "input": "how the table is read: time, device, label, channels, exclude, separator, …",
    "fit": "detector, window, scale, prepare, kinds, threshold, clock, hold, seed, …",
    "detector": "the detector's own settings, such as epochs = 50",
    "alarm": "raise_after, release_after, cooldown, merge_within, quiet, maintenance, [alarm.channel.NAME], …",
}
"""What ``fit`` and its like read."""

LIVE = {
    "store": "url, and how long it keeps what: keep_verdicts, keep_incidents, keep_dead_letters",
    "source": "[source.NAME]: url, batch_rows, batch_ms",
    "sink": "[sink.NAME]: url",
    "watch": "[watch.NAME]: artifact, source, devices, stale_after, keep, forget_after, most_devices",
    "metrics": "address",
    "service": "url: who is told what is judged, as it happens",
    "cascade": "uplink, edge, forward, before, after, …: an edge that sends only what is strange to a centre",
    "trust": "keys: whose signature every artifact must bear",
}
"""What ``watch`` reads."""

_NAMED = ("source", "sink", "watch")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def read_config(path: Path | None) -> dict[str, dict[str, Any]]:
    """Return the sections of a ``tocsin.toml``: those that ``fit`` reads, empty where absent, and others it has.

    Raises
    ------
    SettingError
        If the file is missing, no TOML, or has sections that tocsin does not know.
    """
    if path is None:
        return {name: {} for name in SECTIONS}
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingError(f"{path} cannot be read: {error.strerror}.", remedy="Check --config.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}.", remedy="Correct that line.") from None
    for name, section in found.items():
        if name not in {**SECTIONS, **LIVE} or not isinstance(section, dict):
            known = "], [".join((*SECTIONS, *LIVE))
            raise SettingError(f"{path} has {name!r}, which means nothing to tocsin.", remedy=f"It reads [{known}].")
    return {**{name: {} for name in SECTIONS}, **found}


def live_sections(config: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the sections that ``watch`` reads, all of them, with ``${NAME}`` in texts taken from the environment.

    Parameters
    ----------
    config
        As :func:`read_config` returns it.

    Raises
    ------
    SettingError
        If a variable is not set, or a section is not written as it must be; the place is named.
    """
    found = {name: _filled(config.get(name, {}), f"[{name}]") for name in LIVE}
    for name in _NAMED:
        for own, section in found[name].items():
            if not isinstance(section, dict):
                raise SettingError(
                    f"[{name}] has {own!r}, but no name.", remedy=f"Give it one: [{name}.plant], with {own} under it."
                )
    return found


def _filled(value: Any, where: str) -> Any:
    """Return a value with the variables of its texts filled in."""
    if isinstance(value, str):
        return _VARIABLE.sub(lambda found: _variable(found[1], where), value)
    if isinstance(value, Mapping):
        inner = where[1:-1]
        return {
            key: _filled(own, f"[{inner}.{key}]" if isinstance(own, Mapping) else f"[{inner}] {key}")
            for key, own in value.items()
        }
    return [_filled(own, where) for own in value] if isinstance(value, list) else value


def _variable(name: str, where: str) -> str:
    if name not in os.environ:
        raise SettingError(f"{where} asks for ${{{name}}}, which is not set.", remedy=f"Set it: export {name}=…")
    return os.environ[name]
