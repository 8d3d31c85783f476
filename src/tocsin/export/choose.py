"""From a target's name, as the user writes it, to the target."""

from __future__ import annotations

from collections.abc import Sequence

from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.core.written import written
from tocsin.export.target import Target

ROOM = "export.targets"


def target_of(name: str, settings: Sequence[str] = ()) -> Target:
    """Return a target.

    Parameters
    ----------
    name
        As it is written: "onnx", "onnx-int8", "c".
    settings
        Each as ``name=value``.

    Raises
    ------
    SettingError
        If there is no such target or setting.

    Examples
    --------
    >>> target_of("onnx", ["lean=yes"])
    Onnx(lean=True)
    """
    if name not in target_names():
        raise SettingError(
            f"There is no target {name!r} to export to.", remedy=f"Choose one of: {', '.join(target_names())}."
        )
    if bare := [setting for setting in settings if "=" not in setting]:
        raise SettingError(f"The setting {bare[0]!r} has no value.", remedy="Write NAME=VALUE.")
    target: Target = written(load(ROOM, _file(name)), ",".join(settings))
    return target


def target_names() -> tuple[str, ...]:
    """Return the names of all targets as they are written, sorted."""
    return tuple(name.replace("_", "-") for name in names(ROOM))


def _file(name: str) -> str:
    return name.replace("-", "_")
