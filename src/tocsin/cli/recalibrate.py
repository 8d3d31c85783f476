"""``tocsin recalibrate``: another limit, or other rules for ringing, without learning anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tocsin.cli import _options as opt
from tocsin.core.errors import SettingError
from tocsin.sources import Overrides

if TYPE_CHECKING:
    from tocsin.artifact.artifact import Artifact

RINGING = "When it rings (as it did, unless you say so)"


def recalibrate(
    artifact: opt.ArtifactFile,
    normal: Annotated[
        Path | None,
        typer.Argument(
            metavar="NORMAL",
            help="Normal readings to find the limit on. (default: the scores that the artifact holds)",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where it goes. (default: NAME-recalibrated.tocsin)")
    ] = None,
    threshold: Annotated[
        str | None, typer.Option(help="percentile:99.9, pot:1e-4, fixed:3.5, … (default: as it was)")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(help="The false alarms that can be borne: '1 per device per week'.")
    ] = None,
    raise_after: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="Anomalous windows in a row, or a time: 3, 10min.", rich_help_panel=RINGING),
    ] = None,
    release_after: Annotated[
        str | None,
        typer.Option(metavar="SPAN", help="Quiet windows in a row that close it, or a time.", rich_help_panel=RINGING),
    ] = None,
    release_below: Annotated[
        float | None, typer.Option(help="Share of the limit that counts as quiet.", rich_help_panel=RINGING)
    ] = None,
    cooldown: Annotated[
        str | None,
        typer.Option(
            metavar="SPAN", help="Windows without a new incident after one, or a time.", rich_help_panel=RINGING
        ),
    ] = None,
    channel: Annotated[
        list[str] | None,
        typer.Option(
            metavar="RULE",
            help="What is wanted of a channel: 'temperature: high, least 2, expected 0..80'. May be repeated.",
            rich_help_panel=RINGING,
        ),
    ] = None,
    sketch: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Find it on the scores that edges told: tocsin edges … --sketch FILE."),
    ] = None,
    config: opt.Config = None,
    as_json: opt.AsJson = False,
    overrides: Overrides = Overrides(),  # noqa: B008  # frozen
) -> None:
    """Find another limit for a trained artifact, or change when it rings; what it learned, and all scores, stay.

    With a file, the limit is found on its readings, which should be normal and lie after the training; labelled
    anomalies are kept out. Without one, it is found on the scores that the artifact has held since its last
    calibration. A tocsin.toml may settle more of the alarm than there are flags for.

    The calibration that is replaced stays in the artifact: see tocsin inspect.
    """
    from tocsin.artifact import bundle
    from tocsin.cli._places import check_seal
    from tocsin.sources import open_table
    from tocsin.training.recalibrate import Asked, recalibrated
    from tocsin.wiring import make_rules, read_config

    target = output or artifact.with_name(f"{artifact.stem}-recalibrated.tocsin")
    check_seal(target, inputs=[] if normal is None else [normal])
    if sketch is not None:
        _check_alone(normal, budget)
    flags = {
        "raise_after": raise_after,
        "release_after": release_after,
        "release_below": release_below,
        "cooldown": cooldown,
    }
    alarm = {**read_config(config)["alarm"], **{name: value for name, value in flags.items() if value is not None}}
    if channel:
        alarm["channel"] = {**alarm.get("channel", {}), **make_rules(channel)}
    asked = Asked(threshold=threshold, budget=budget, alarm=alarm)
    before = bundle.load(artifact)
    if sketch is None:
        table = None if normal is None else open_table(normal, overrides=overrides, expect=before.layout)
        after = recalibrated(before, table, asked)
    else:
        after = _from_sketch(before, sketch, threshold)
        after = recalibrated(after, None, Asked(alarm=alarm)) if alarm else after
    bundle.save(after, target)
    if as_json:
        typer.echo(json.dumps({"artifact": str(target), **_facts(before, after)}, indent=1))
    else:
        _tell(before, after, f"Recalibrated {artifact} → {target}")


def _check_alone(normal: Path | None, budget: str | None) -> None:
    if normal is not None or budget is not None:
        raise SettingError(
            "From sketches alone a limit is found, not from readings or for a budget as well.",
            remedy="Leave NORMAL and --budget out, as in: --sketch fleet.sketch --threshold percentile:99.9",
        )


def _from_sketch(before: Artifact, sketch: Path, threshold: str | None) -> Artifact:
    from tocsin.cascade import told
    from tocsin.cascade.relimit import relimited

    return relimited(before, told.decode(sketch.read_bytes())[1], threshold)


def _facts(before: Artifact, after: Artifact) -> dict[str, Any]:
    from tocsin.artifact.manifest import describe

    def own(artifact: Artifact) -> dict[str, Any]:
        return describe(artifact, {}).model_dump(mode="json", include={"calibration", "policy"})

    found = after.calibration
    replaced = len(after.earlier) > len(before.earlier)
    return {
        "before": own(before),
        "after": own(after),
        "replaced": replaced,
        "said": found.said,
        "warnings": found.warnings,
    }


def _tell(before: Artifact, after: Artifact, title: str) -> None:
    from tocsin.cli._tables import show_pairs, show_sentences, warn

    show_pairs(title, changes(before, after))
    if after.calibration != before.calibration:
        show_sentences("Evidence", after.calibration.said)
        warn(after.calibration.warnings)


def changes(before: Artifact, after: Artifact) -> dict[str, str]:
    """Return what there was and what there is now, as text by name: limit and threshold, and whatever else changed."""
    old, new = _lines(before), _lines(after)
    always = {"threshold", "limit", "raise after"}
    return {
        name: f"{old.get(name, 'none')} → {new.get(name, 'none')}"
        if old.get(name) != new.get(name)
        else f"{new[name]}, as before"
        for name in {**old, **new}
        if old.get(name) != new.get(name) or name in always & set(new)
    }


def _lines(artifact: Artifact) -> dict[str, str]:
    from tocsin.engine.reporting import settings_of, threshold_of

    told = {**threshold_of(artifact), **settings_of(artifact)}
    told.pop("warning", None)
    return told
