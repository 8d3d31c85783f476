"""``tocsin push``: another artifact for edges, signed, proven where it runs, and taken back where it does badly."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tocsin.cli import _options as opt
from tocsin.cli._shell import CHECK_FAILED
from tocsin.core.errors import SettingError

if TYPE_CHECKING:
    from tocsin.artifact.signing_key import SigningKey
    from tocsin.cascade.health import Health
    from tocsin.cascade.uplink_place import UplinkPlace

TAKEN = "taken"


def push(
    artifact: Annotated[
        Path | None, typer.Argument(metavar="ARTIFACT", help="A signed *.tocsin file.", show_default=False)
    ] = None,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="The centre's broker: mqtt://centre/tocsin.")] = "",
    edge: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Whom it is for; may be repeated.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The private key, such as plant.key.")] = None,
    duty: Annotated[str, typer.Option(help="NAME of the edge's \\[watch.NAME]; '' for the only one.")] = "",
    roll_back: Annotated[
        bool, typer.Option("--roll-back", help="Order edges back to the artifact before the present one.")
    ] = False,
    version: Annotated[
        int | None, typer.Option(min=1, help="Greater than any before. (default: the seconds since 1970)")
    ] = None,
    wait: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Wait so long for edges to say what they did.")
    ] = 0.0,
    as_json: opt.AsJson = False,
) -> None:
    r"""Push a signed artifact to edges; they take it up while they run, or when they are next there.

    For example: tocsin push small.tocsin --to mqtt://centre/tocsin --edge hall-3 --key plant.key

    An edge takes a push whose key it trusts (\[trust] keys), which is newer than what it has seen and made for it. It
    tries the artifact out in a process of its own, checks that it computes the same scores on its processor, and goes
    on with it on probation: where readings are flagged far more often than was promised, get no score, or take too
    long, it goes back to the artifact before by itself, and tells the centre. See: tocsin edges
    """
    from tocsin.artifact.signing_key import SigningKey
    from tocsin.cascade.uplink_place import UplinkPlace, own_name

    if (artifact is None) != roll_back or not to or not edge or key is None:
        raise SettingError(
            "A push needs an artifact or --roll-back, and --to, --edge and --key.",
            remedy="tocsin push small.tocsin --to mqtt://centre/tocsin --edge hall-3 --key plant.key",
        )
    place, signing = UplinkPlace.parse(to, where="--to"), SigningKey.read(key)
    number = int(time.time()) if version is None else version
    names = [own_name(name) for name in dict.fromkeys(edge)]
    failed = _deliver(place, signing, artifact, names, duty=duty, version=number)
    answers = _answers(place, [name for name in names if name not in failed], number, wait) if wait else {}
    if as_json:
        told = {name: failed.get(name) or answers.get(name) or "delivered" for name in names}
        typer.echo(json.dumps({"version": number, "edges": told}, indent=1))
    else:
        _tell(names, failed, number, answers)
    if failed or any(answer != TAKEN and not roll_back for answer in answers.values()):
        raise typer.Exit(CHECK_FAILED)


def _deliver(
    place: UplinkPlace, key: SigningKey, artifact: Path | None, names: list[str], *, duty: str, version: int
) -> dict[str, str]:
    """Leave a message for each edge with the broker; return what went wrong, by edge."""
    from tocsin.cascade.envelope import Envelope
    from tocsin.cascade.link import Link
    from tocsin.cascade.push import envelope_of

    whole = Envelope("", version, "roll back", duty) if artifact is None else envelope_of(artifact, version, duty=duty)
    link = Link(place)
    link.start()
    try:
        link.expect()
        sent = [(place.topic(name, "artifact"), replace(whole, edge=name).encode(key)) for name in names]
        return {name: why for name, why in zip(names, link.deliver(sent), strict=True) if why}
    finally:
        link.stop()


def _answers(place: UplinkPlace, names: list[str], version: int, patience_s: float) -> dict[str, str]:
    """Return what edges did about a push, in a word or a sentence, as soon as all have answered."""
    from tocsin.cascade.fleet import Fleet

    until = time.monotonic() + patience_s
    with Fleet(place) as fleet:
        while True:
            known = {seen.edge: seen.health for seen in fleet.edges()}
            answers = {name: _answer(known.get(name), version) for name in names}
            if "" not in answers.values() or time.monotonic() >= until:
                return {name: answer or "no answer yet" for name, answer in answers.items()}
            time.sleep(0.1)


def _answer(health: Health | None, version: int) -> str:
    if health is None or health.seen < version:
        return ""
    if health.refused:
        return f"refused: {health.refused}"
    return next((f"rolled back: {own.why}" for own in health.artifacts if own.state == "rolled back"), TAKEN)


def _tell(names: list[str], failed: dict[str, str], version: int, answers: dict[str, str]) -> None:
    for name in names:
        if name in failed:
            typer.echo(f"{name}: not delivered. {failed[name]}", err=True)
        else:
            typer.echo(f"{name}: {answers.get(name, 'push ' + str(version) + ' waits for it at the broker')}")
