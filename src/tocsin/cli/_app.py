"""The table of verbs, in the order in which a newcomer needs them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from tocsin import __version__
from tocsin.cli._options import with_reading_options
from tocsin.cli._shell import friendly
from tocsin.cli.adopt import adopt
from tocsin.cli.benchmark import benchmark
from tocsin.cli.cascade import cascade
from tocsin.cli.compare import compare
from tocsin.cli.dashboard import dashboard
from tocsin.cli.demo import demo
from tocsin.cli.detectors import detectors
from tocsin.cli.distill import distill
from tocsin.cli.edges import edges
from tocsin.cli.evaluate import evaluate
from tocsin.cli.explain import explain
from tocsin.cli.explore import explore
from tocsin.cli.export import export
from tocsin.cli.fit import fit
from tocsin.cli.footprint import footprint
from tocsin.cli.gather import gather
from tocsin.cli.incidents import SUB, incidents
from tocsin.cli.inspect import inspect
from tocsin.cli.prune import prune
from tocsin.cli.push import push
from tocsin.cli.recalibrate import recalibrate
from tocsin.cli.rehearse import rehearse
from tocsin.cli.score import score
from tocsin.cli.sensitivity import sensitivity
from tocsin.cli.serve import serve
from tocsin.cli.sign import sign
from tocsin.cli.simulate import simulate
from tocsin.cli.token import SUB as TOKEN_SUB
from tocsin.cli.token import token
from tocsin.cli.tune import tune
from tocsin.cli.verify import verify
from tocsin.cli.watch import watch
from tocsin.cli.whatif import whatif

Verb = Callable[..., Any]


def _paragraphs(doc: str) -> str:
    """Return a docstring with each paragraph on one line, so that terminals of any width wrap it well."""
    return "\n\n".join(" ".join(part.split()) for part in doc.split("\n\n"))


app = typer.Typer(
    name="tocsin",
    help="Turns sensor readings into alarms people trust. Try: [bold]tocsin demo[/bold]",
    epilog="Exit codes: 0 fine, 1 a check failed, 2 the input or a setting cannot be used.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

PANELS: dict[str, tuple[Verb, ...]] = {
    "From readings to alarms": (
        demo,
        simulate,
        gather,
        explore,
        detectors,
        fit,
        adopt,
        score,
        explain,
        inspect,
        verify,
    ),
    "Live": (watch, incidents, cascade, sign, push, edges),
    "For small machines": (
        export,
        footprint,
        prune,
        distill,
    ),
    "For people and other programs": (dashboard, serve, token),
    "Other limits, other rules": (whatif, recalibrate),
    "How good is it?": (evaluate, compare, rehearse, sensitivity, tune, benchmark),
}

NAMES: dict[Verb, str] = {adopt: "import"}
"""Verbs whose name is none that a function may have."""

GROUPS: dict[Verb, tuple[Verb, ...]] = {incidents: SUB, token: TOKEN_SUB}
"""Verbs that have verbs of their own behind them."""


def _group(verb: Verb, inner: tuple[Verb, ...]) -> typer.Typer:
    """Return a verb that does its own work alone, and hands over to those behind it."""
    group = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False)
    group.callback(invoke_without_command=True, help=_paragraphs(verb.__doc__ or ""))(friendly(verb))
    for own in inner:
        group.command(help=_paragraphs(own.__doc__ or ""))(friendly(own))
    return group


for panel, verbs in PANELS.items():
    for verb in verbs:
        if verb in GROUPS:
            app.add_typer(_group(verb, GROUPS[verb]), name=verb.__name__, rich_help_panel=panel)
            continue
        told = _paragraphs(verb.__doc__ or "")
        app.command(name=NAMES.get(verb), help=told, rich_help_panel=panel)(friendly(with_reading_options(verb)))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del version
