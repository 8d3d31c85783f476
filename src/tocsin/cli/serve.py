"""``tocsin serve``: artifacts, scoring, jobs and incidents over HTTP, for other programs and for the dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tocsin.cli._stores import FromConfig, StoreUrl

TAKING = "How much it takes on"


def serve(
    host: Annotated[str, typer.Option(help="The address it listens at; other than this machine's needs a token.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 takes a free one.")] = 8420,
    folder: Annotated[
        Path, typer.Option(help="Where artifacts, uploads, jobs and tokens are kept; made where it is missing.")
    ] = Path("tocsin-service"),
    store: StoreUrl = None,
    config: FromConfig = None,
    limit_upload_mib: Annotated[int, typer.Option(min=1, help="Of one file, in MiB.", rich_help_panel=TAKING)] = 1024,
    limit_rows: Annotated[int, typer.Option(min=1, help="Of one table.", rich_help_panel=TAKING)] = 20_000_000,
    limit_jobs: Annotated[int, typer.Option(min=1, help="Jobs at a time; others wait.", rich_help_panel=TAKING)] = 2,
    limit_rate: Annotated[
        float, typer.Option(min=0.1, help="Requests a second of one caller, on average.", rich_help_panel=TAKING)
    ] = 200.0,
    known_as: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name it is asked for by, such as plant.local; repeatable."),
    ] = None,
    log_format: Annotated[Literal["text", "json"], typer.Option(help="Of the log.")] = "text",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log each request.")] = False,
) -> None:
    """Serve artifacts, scoring, training, incidents and live verdicts to other programs and to the dashboard.

    For example: tocsin serve --store sqlite:///tocsin.db

    It listens on this machine alone, where no token is asked for until there is one. To be reached from elsewhere it
    wants a token first: tocsin token create NAME --scope admin

    Where a secret comes from outside, as in a container, $TOCSIN_ADMIN_TOKEN is one more token with the scope admin.

    What can be asked is told at /docs. Ctrl-C and SIGTERM end it in good order.
    """
    from tocsin.cli._serving import admin_token, serving
    from tocsin.cli._stores import store_url
    from tocsin.service.settings import MIB, Limits, ServiceSettings

    limits = Limits(body_bytes=limit_upload_mib * MIB, rows=limit_rows, jobs=limit_jobs, requests_per_s=limit_rate)
    settings = ServiceSettings(
        folder=folder,
        store=store_url(store, config),
        host=host,
        port=port,
        known_as=tuple(known_as or ()),
        token=admin_token(),
        limits=limits,
    )
    serving(settings, as_json=log_format == "json", verbose=verbose)
