"""``tocsin import``: someone else's ONNX graph becomes an artifact, with a limit found on normal readings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.training.adopt.foreign import Foreign

GRAPH = "What the graph is like (a --schema may say it too)"


def adopt(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="An ONNX file.", show_default=False)],
    readings: Annotated[
        Path,
        typer.Argument(
            metavar="READINGS", help="Normal readings, CSV or Parquet: the limit is found on them.", show_default=False
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where the artifact goes. (default: NAME.tocsin)")
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(help="TOML: window, gives, layout, …, and \\[channels] with name = unit.", rich_help_panel=GRAPH),
    ] = None,
    gives: Annotated[
        str | None,
        typer.Option(help="reconstruction, forecast or score. (default: reconstruction)", rich_help_panel=GRAPH),
    ] = None,
    score: Annotated[
        str | None,
        typer.Option(
            help="A reconstruction's mean squared error: of the whole window, mean, or its last reading, last. "
            "(default: mean)",
            rich_help_panel=GRAPH,
        ),
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(
            help="nwc: windows, readings, channels; ncw: windows, channels, readings; flat. (default: its shape says)",
            rich_help_panel=GRAPH,
        ),
    ] = None,
    window: Annotated[
        int | None, typer.Option(help="Readings that go in. (default: its shape says)", rich_help_panel=GRAPH)
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(
            help="What it was trained on: none (raw units), minmax, zscore, robust, learned from the readings. "
            "(default: none)",
            rich_help_panel=GRAPH,
        ),
    ] = None,
    tensor: Annotated[
        str | None, typer.Option(help="Name of the output, where there are several.", rich_help_panel=GRAPH)
    ] = None,
    negate: Annotated[
        bool, typer.Option("--negate", help="A lower score is stranger, as scikit-learn's.", rich_help_panel=GRAPH)
    ] = False,
    threshold: Annotated[
        str | None, typer.Option(help="percentile:99.9, pot:1e-4, fixed:3.5, … (default: percentile:99.5)")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="The false alarms that can be borne: '1 per device per week'.")
    ] = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Make an artifact of an ONNX graph that another program has trained, and find its limit on normal readings.

    The graph gives a window again (reconstruction), the reading behind it (forecast), or a score. It is looked through
    and run in a process of its own first: sums that the batch could move are rewritten as products, a batch fixed at
    one window is freed, and both are run beside each other. What cannot be shown to score each window by itself is
    refused, with the reason.

    The channels go in in the order of --channels, or of the schema's, or of the readings.
    """
    from tocsin.artifact import bundle
    from tocsin.cli._places import check_seal
    from tocsin.core.errors import InputError
    from tocsin.sources import open_table
    from tocsin.training.adopt.adopt import adopt as adopted
    from tocsin.training.ready import require_training

    require_training()
    target = output or model.with_suffix(".tocsin")
    check_seal(target, inputs=[path for path in (model, readings, schema) if path is not None])
    flags = {"gives": gives, "score": score, "layout": layout, "window": window, "scale": scale, "tensor": tensor}
    flags["negate"] = negate or None
    foreign, units = _understood(schema, flags, overrides)
    if foreign.channels:
        overrides = replace(overrides, channels=foreign.channels)
    if not model.is_file():
        raise InputError(f"There is no model at {model}.", remedy="Check the path.")
    table = open_table(readings, overrides=overrides)
    recipe = _recipe(config, threshold, budget)
    artifact = adopted(model.read_bytes(), table, foreign, name=model.name, recipe=recipe, units=units)
    bundle.save(artifact, target)
    _tell(artifact, target, as_json)


def _understood(schema: Path | None, flags: dict[str, Any], overrides: Overrides) -> tuple[Foreign, dict[str, str]]:
    """Return how the graph is to be understood, flags before the schema, and the channels' units."""
    from tocsin.training.adopt.foreign import Foreign
    from tocsin.training.adopt.schema_file import SchemaFile, read_schema

    written = SchemaFile({}, {}) if schema is None else read_schema(schema)
    settings = {**written.settings, **{name: value for name, value in flags.items() if value is not None}}
    channels = overrides.channels or tuple(written.units)
    return Foreign(**settings, channels=tuple(channels)), written.units


def _recipe(config: Path | None, threshold: str | None, budget: str | None) -> Any:
    from tocsin.training.rule import rule_of
    from tocsin.wiring import make_recipe, read_config

    return make_recipe(read_config(config), {"threshold": rule_of(threshold, budget)}, settings=[])


def _tell(artifact: Any, target: Path, as_json: bool) -> None:
    from tocsin.cli._tables import show_trained
    from tocsin.engine.facts import artifact_facts

    if as_json:
        typer.echo(json.dumps({"artifact": str(target), **artifact_facts(artifact)}, indent=1))
    else:
        show_trained(f"Imported → {target}", artifact)
