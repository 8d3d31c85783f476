"""``tocsin fit``: from a CSV to a calibrated alarm."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact

LEARNING = "What is learned"
RINGING = "When it rings"


def fit(
    readings: opt.Readings,
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the artifact goes.")] = Path("model.tocsin"),
    detector: Annotated[
        str | None,
        typer.Option(
            help="See: tocsin detectors. (default: auto, which looks at the readings and tells what it chose)",
            rich_help_panel=LEARNING,
        ),
    ] = None,
    window: Annotated[
        int | None,
        typer.Option(help="Readings in a window. (default: one that suits the readings)", rich_help_panel=LEARNING),
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(help="minmax, zscore, robust, none. (default: the detector's own)", rich_help_panel=LEARNING),
    ] = None,
    prepare: Annotated[
        list[str] | None,
        typer.Option(
            metavar="STEP",
            help="Change values, or add columns: difference:1, rolling:12. May be repeated, in order. (default: none)",
            rich_help_panel=LEARNING,
        ),
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CHANNEL=KIND",
            help="real, constant, binary, one_hot, counter, degrees, radians; or off. May be repeated. "
            "(default: recognised)",
            rich_help_panel=LEARNING,
        ),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="A setting of the detector.", rich_help_panel=LEARNING),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            help="Where networks train: auto, cpu, cuda. Not a sensor: see --device-column.", rich_help_panel=LEARNING
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all chance. (default: 0)", rich_help_panel=LEARNING)] = None,
    clock: Annotated[
        str | None, typer.Option(help="Gather readings on a grid: auto, on, off.", rich_help_panel=LEARNING)
    ] = None,
    period: Annotated[
        float | None, typer.Option(help="Cadence in seconds. (default: found)", rich_help_panel=LEARNING)
    ] = None,
    lateness: Annotated[
        float | None,
        typer.Option(help="Seconds a bin waits for stragglers. (default: one period)", rich_help_panel=LEARNING),
    ] = None,
    hold: Annotated[
        int | None,
        typer.Option(help="Periods a silent channel keeps its value. (default: 3)", rich_help_panel=LEARNING),
    ] = None,
    threshold: Annotated[
        str | None,
        typer.Option(
            help="percentile:99.5, pot:1e-3, adaptive:1e-3, conformal:0.01, fixed:3.5, or labelled, from labelled "
            "events; each with settings of its own. (default: the detector's own)",
            rich_help_panel=RINGING,
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            metavar="TEXT",
            help='False alarms that can be borne, such as "1 per device per week"; short for --threshold budget:TEXT.',
            rich_help_panel=RINGING,
        ),
    ] = None,
    raise_after: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN",
            help="Anomalous windows in a row that open an incident, or how long: 3, 10min. (default: 3)",
            rich_help_panel=RINGING,
        ),
    ] = None,
    release_after: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN",
            help="Quiet windows in a row that close it, or how long. (default: 3)",
            rich_help_panel=RINGING,
        ),
    ] = None,
    release_below: Annotated[
        float | None,
        typer.Option(help="Share of the limit that counts as quiet. (default: 0.9)", rich_help_panel=RINGING),
    ] = None,
    cooldown: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN",
            help="Windows without a new incident after one, or how long. (default: 0)",
            rich_help_panel=RINGING,
        ),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="What is wanted of a channel: 'temperature: high, least 2, expected 0..80'. May be repeated; the rest "
            "of the alarm is settled in a tocsin.toml, under \\[alarm].",
            rich_help_panel=RINGING,
        ),
    ] = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Learn what is normal, set the limit, and seal both into one file.

    Unless you name a detector, five quick ones learn together, and the more of the faults put into held-out normal
    readings one notices, the more it counts. The score is how rare a window is: 3, the limit, is one in a thousand.

    Parts by time: 70 % to learn from, 15 % to stop the learning, 15 % to find the limit. A budget holds out the last
    40 % for its limit, labelled 30 %, and a stated limit, as the default's is, nothing. Rows labelled anomalous are
    kept out of all parts; labelled alone looks at them.
    """
    from tocsin.cli._places import check_seal
    from tocsin.sources import open_table
    from tocsin.training.ready import require_training
    from tocsin.training.rule import rule_of
    from tocsin.wiring import make_kinds, make_recipe, make_rules, read_config

    require_training()
    check_seal(output, inputs=[readings])
    found = read_config(config)
    choices = {
        "detector": detector,
        "window": window,
        "scale": scale,
        "prepare": tuple(prepare) if prepare else None,
        "kinds": make_kinds(kind) if kind else None,
        "seed": seed,
        "clock": clock,
        "period_s": period,
        "lateness_s": lateness,
        "hold": hold,
        "threshold": rule_of(threshold, budget),
        "raise_after": raise_after,
        "release_after": release_after,
        "release_below": release_below,
        "cooldown": cooldown,
        "channel_rules": make_rules(channel) if channel else None,
    }
    settings = [*(setting or []), *([f"device={device}"] if device else [])]
    recipe = make_recipe(found, choices, settings=settings)
    table = open_table(readings, overrides=overrides)
    from tocsin.artifact import bundle
    from tocsin.cli._tables import show_table
    from tocsin.training.fit import train

    if not as_json:
        show_table(table)
    artifact = train(table, recipe)
    bundle.save(artifact, output)
    _tell(artifact, output, as_json)


def _tell(artifact: Artifact, output: Path, as_json: bool) -> None:
    from tocsin.cli._tables import show_trained
    from tocsin.engine.facts import artifact_facts

    if as_json:
        typer.echo(json.dumps({"artifact": str(output), **artifact_facts(artifact)}, indent=1))
    else:
        show_trained(f"Trained → {output}", artifact)
