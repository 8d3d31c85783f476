"""The page Live beside the live demo: a dashboard of its own, where that is installed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import typer

from tocsin.core.errors import TocsinError

if TYPE_CHECKING:
    from tocsin.cli._dashboard import Dashboard


@contextmanager
def live_page(folder: Path, store: str) -> Iterator[Dashboard | None]:
    """Run a dashboard beside the demo; it may still be starting, so that training need not wait for it.

    Where it cannot run, that is said in a line, None is yielded, and the demo goes on without it.

    Parameters
    ----------
    folder
        Of the demo.
    store
        URL of the store of the demo's watch.
    """
    from tocsin.cli._dashboard import Dashboard, require_dashboard
    from tocsin.cli._ports import LOOPBACK, wanted_port
    from tocsin.cli.dashboard import USUAL_PORT

    try:
        require_dashboard()
    except TocsinError as missing:
        typer.echo(f"There is no page beside it: {missing}", err=True)
        yield None
        return
    at = (LOOPBACK, wanted_port(LOOPBACK, None, usual=USUAL_PORT))
    with Dashboard(None, at=at, folder=folder / "service", store=store) as dashboard:
        yield dashboard


def show_page(dashboard: Dashboard | None, artifact: Path, *, browser: bool) -> str:
    """Show the page Live as soon as it is there; return the URL of its service, "" where there is none.

    Its token is left in the environment, where a watch of this process looks for it.

    Parameters
    ----------
    dashboard
        What :func:`live_page` yielded.
    artifact
        Put on the shelf.
    browser
        Open it in a browser?
    """
    from tocsin.cli._dashboard import greet
    from tocsin.engine.live.herald import VARIABLE

    if dashboard is None:
        return ""
    try:
        dashboard.start(Event())
        dashboard.place.shelve(artifact)
    except TocsinError as error:
        typer.echo(f"There is no page beside it: {error}", err=True)
        return ""
    os.environ[VARIABLE] = dashboard.place.token
    greet(f"{dashboard.address}/live", browser=browser)
    return dashboard.place.url
