"""``tocsin dashboard``: files analysed, a fleet watched and artifacts kept, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tocsin.core.errors import SettingError

USUAL_PORT = 8501
FOLDER, STORE = Path("tocsin-service"), "sqlite:///tocsin.db"


def dashboard(
    artifact: Annotated[
        Path | None,
        typer.Argument(
            metavar="ARTIFACT", help="A trained *.tocsin file: what you drop is scored with it.", show_default=False
        ),
    ] = None,
    service: Annotated[
        str | None, typer.Option(metavar="URL", help="A running service to ask. (default: one of its own)")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port to listen at, 0 for any. (default: 8501, or a free one)")
    ] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where its own service keeps things. (default: tocsin-service)")
    ] = None,
    store: Annotated[
        str | None, typer.Option(metavar="URL", help="Whose incidents it shows. (default: sqlite:///tocsin.db)")
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Open the dashboard: drop a file and see what is wrong, watch a fleet live, keep artifacts.

    For example: tocsin dashboard env.tocsin

    Alone it runs a service of its own that only it can ask. With --service it asks one that runs already, such as that
    of the plant; its token is taken from the variable TOCSIN_TOKEN, or asked for in the page. Ctrl-C ends it.
    """
    from tocsin.cli._dashboard import Dashboard, check_artifact, greet, remote_service, require_dashboard
    from tocsin.cli._ports import wanted_port
    from tocsin.cli._stopping import stopping

    require_dashboard()
    _check(service, host, own=folder is not None or store is not None)
    check_artifact(artifact)
    place = None if service is None else remote_service(service, host=host)
    at = (host, wanted_port(host, port, usual=USUAL_PORT))
    name = "" if artifact is None else artifact.stem
    with (
        stopping() as stop,
        Dashboard(place, at=at, folder=folder or FOLDER, store=store or STORE, artifact=name) as running,
    ):
        running.start(stop)
        if stop.is_set():
            return
        if artifact is not None:
            typer.echo(running.place.shelve(artifact))
        greet(running.address, browser=not no_browser)
        running.run(stop)


def _check(service: str | None, host: str, *, own: bool) -> None:
    from tocsin.service.places import is_loopback

    if service is None and not is_loopback(host):
        raise SettingError(
            f"With a service of its own the dashboard does not listen at {host}: whoever reaches it may do anything.",
            remedy="Start a service with tokens (tocsin serve, tocsin token), and name it with --service.",
        )
    if service is not None and own:
        raise SettingError(
            "--folder and --store tell a service of its own what to keep.", remedy="Leave them out with --service."
        )
