"""``tocsin detectors``: what there is to choose from."""

from __future__ import annotations

import json

import typer

from tocsin.cli import _options as opt


def detectors(as_json: opt.AsJson = False) -> None:
    """List the detectors, own and third parties', one line each."""
    from tocsin.core.discover import names, summary

    found = {name: summary("detectors", name) for name in names("detectors")}
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    width = max(len(name) for name in found)
    for name, line in found.items():
        typer.echo(f"{name:<{width}}  {line}")
