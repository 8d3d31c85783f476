"""``tocsin watch``: readings as they come, judged at once, incidents told and kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tocsin.cli import _options as opt
from tocsin.core.discover import names

SHARING = "Several processes, and how much at a time"
SHOWING = "What it shows"
STALE = "So long a silence is an incident: 10 (cadences), 10min, never. (default: 10, a minute at least)"


def watch(
    artifact: Annotated[
        Path | None, typer.Argument(metavar="ARTIFACT", help="A trained *.tocsin file.", show_default=False)
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help=f"Where readings come from: {', '.join(names('sources'))}. May be repeated."),
    ] = None,
    sink: Annotated[
        list[str] | None,
        typer.Option(metavar="URL", help=f"Whom to tell: {', '.join(names('sinks'))}. May be repeated."),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where incidents and all memory are kept. (default: sqlite:///tocsin.db)"),
    ] = None,
    config: Annotated[Path | None, typer.Option("--config", help="A tocsin.toml; flags overrule it.")] = None,
    device: Annotated[
        list[str] | None, typer.Option(metavar="PATTERN", help="Only devices like room-*; repeatable.")
    ] = None,
    stale_after: Annotated[str | None, typer.Option(metavar="SPAN", help=STALE)] = None,
    keep: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Of usual verdicts keep one in so long; all: every one. (default: 1min)"),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What the source is called in the store. (default: its address)")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="So many processes share the devices of MQTT.", rich_help_panel=SHARING)
    ] = None,
    worker: Annotated[
        int | None, typer.Option(min=0, help="Which of them this is, from 0.", rich_help_panel=SHARING)
    ] = None,
    batch_rows: Annotated[
        int | None, typer.Option(help="Readings judged together at most. (default: 4096)", rich_help_panel=SHARING)
    ] = None,
    batch_ms: Annotated[
        float | None,
        typer.Option(help="How long the first waits for others at most. (default: 50)", rich_help_panel=SHARING),
    ] = None,
    metrics: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Serve /metrics, /healthz and /readyz here.", rich_help_panel=SHOWING),
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Tell a tocsin serve what is judged, as it happens.", rich_help_panel=SHOWING),
    ] = None,
    trusted_key: opt.TrustedKeys = None,
    log_format: Annotated[Literal["text", "json"], typer.Option(help="Of the log.", rich_help_panel=SHOWING)] = "text",
    quiet: Annotated[bool, typer.Option("--quiet", help="Tell warnings alone.", rich_help_panel=SHOWING)] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what was remembered of the source, and start anew.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="End where a file ends, instead of waiting for more.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Only check the settings, and show what would run.")] = False,
) -> None:
    """Watch a live stream: judge readings as they come, keep incidents and tell of them.

    For example: tocsin watch env.tocsin --source mqtt://localhost:1883/plant/{device}/env --sink log

    Whatever ends it, a kill among it: started again it goes on where it stood, and nothing is lost or told twice, as
    far as the source can promise that. What the source promises is printed at the start.

    On a terminal it shows how it is doing; elsewhere it says so in a line every ten seconds. Ctrl-C and SIGTERM end it
    in good order; SIGHUP reads the --config and the artifacts anew. Incidents are listed by: tocsin incidents
    """
    from tocsin.cli._shell import console
    from tocsin.cli._watch_summary import show_summary
    from tocsin.cli._watching import Manner, check_metrics, herald_of, watching
    from tocsin.wiring.assembly import Assembly
    from tocsin.wiring.watch_flags import WatchFlags

    flags = WatchFlags(
        artifact=artifact,
        sources=source or (),
        sinks=sink or (),
        store=store,
        metrics=metrics,
        service=service,
        name=name,
        stale_after=stale_after,
        keep=keep,
        devices=device or (),
        batch_rows=batch_rows,
        batch_ms=batch_ms,
        workers=workers,
        worker=worker,
        once=once,
        trusted_keys=[str(key.absolute()) for key in trusted_key or ()],
    )
    assembly = Assembly.of(flags.plan(config))
    check_metrics(assembly.plan.metrics.address)
    herald_of(assembly)
    if check:
        show_summary(assembly, console())
        return
    manner = Manner(as_json=log_format == "json", quiet=quiet, fresh=fresh)
    watching(assembly, manner, again=lambda: flags.plan(config))
