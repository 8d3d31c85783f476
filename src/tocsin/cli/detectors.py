"""``tocsin detectors``: what there is to choose from, and what can be set."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from tocsin.cli import _options as opt


def detectors(
    name: Annotated[str | None, typer.Argument(help="One of them, to see its settings.")] = None,
    as_json: opt.AsJson = False,
) -> None:
    """List the detectors, own and third parties', one line each; or the settings of one."""
    from tocsin.core.discover import names, summary

    if name is not None:
        _tell(name, as_json=as_json)
        return
    found = {name: summary("detectors", name) for name in names("detectors")}
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    width = max(len(name) for name in found)
    for name, line in found.items():
        typer.echo(f"{name:<{width}}  {line}")


def _tell(name: str, *, as_json: bool) -> None:
    from textwrap import fill

    from tocsin.core.discover import summary

    settings = _settings(name)
    if as_json:
        typer.echo(json.dumps(settings, indent=1))
        return
    typer.echo(fill(summary("detectors", name), 100))
    for setting, told in settings.items():
        default = ",".join(map(str, told["default"])) if isinstance(told["default"], tuple) else told["default"]
        meaning = fill(told["meaning"].replace("``", ""), 100, initial_indent="    ", subsequent_indent="    ")
        typer.echo(f"{setting}={default}\n{meaning}")


def _settings(name: str) -> dict[str, dict[str, Any]]:
    """Return default and meaning of each setting, the detector's own first."""
    from dataclasses import fields

    from tocsin.core.discover import load, meanings

    kind = load("detectors", name)
    told = meanings(kind)
    places = {setting: place for place, setting in enumerate(told)}
    ordered = sorted(fields(kind), key=lambda field: places.get(field.name, len(places)))
    return {f.name: {"default": f.default, "meaning": told.get(f.name, "")} for f in ordered}
