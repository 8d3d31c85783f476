"""The dashboard put together: a service, the pages that ask it, and an artifact on its shelf."""

from __future__ import annotations

import os
import secrets
import sys
import time
import webbrowser
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Self

import typer

from tocsin.cli._children import Child
from tocsin.cli._place import Place, answers
from tocsin.cli._ports import LOOPBACK, free_port
from tocsin.core.errors import ArtifactError, MissingExtraError, SettingError, TocsinError
from tocsin.dashboard.launch import ENTRY, environment, options
from tocsin.service.places import is_loopback

_PATIENCE_S = 60.0
_LOOK_S = 0.02


class Dashboard:
    """A dashboard in processes beside this one: its pages and, where none is named, a service for it alone.

    That service listens at a free port of the loopback, and wants a token that nobody else knows.

    Parameters
    ----------
    place
        The service that runs already; None for one of its own.
    at
        Host and port where the pages listen.
    folder
        Where its own service keeps artifacts and files.
    store
        URL of the store whose incidents its own service shows.
    artifact
        Name of the one that files are scored with at once; "" for none.
    """

    def __init__(
        self, place: Place | None, *, at: tuple[str, int], folder: Path, store: str, artifact: str = ""
    ) -> None:
        self._children: list[Child] = []
        self._artifact = artifact
        self.place = place or self._begin_service(folder, store)
        self._host, self._port = at
        self._own = place is None

    def __enter__(self) -> Self:
        try:
            self._begin_pages()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def address(self) -> str:
        """Where the pages are found."""
        shown = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(self._host, self._host)
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{self._port}"

    def start(self, stop: Event) -> None:
        """Wait until everything answers, or ``stop`` is set.

        Raises
        ------
        TocsinError
            What a part could not start for.
        """
        if self._own:
            self._wait(lambda: answers(f"{self.place.url}/healthz"), stop)
        self._wait(lambda: answers(f"{self.address}/_stcore/health"), stop)

    def check(self) -> None:
        """Raise what a part has ended for.

        Raises
        ------
        TocsinError
            If one has.
        """
        for child in self._children:
            child.check()

    def run(self, stop: Event) -> None:
        """Run until ``stop`` is set, or a part ends by itself.

        Raises
        ------
        TocsinError
            What it ended for.
        """
        while not stop.wait(0.2):
            self.check()

    def end(self) -> None:
        """End all parts, side by side."""
        for child in self._children:
            child.ask()
        for child in self._children:
            child.end()

    def _begin_service(self, folder: Path, store: str) -> Place:
        port = free_port()
        place = Place(f"http://{LOOPBACK}:{port}", secrets.token_urlsafe(32))
        told = {"folder": str(folder.absolute()), "store": store, "port": port}
        self._children.append(Child("service", told, environment={"TOCSIN_TOKEN": place.token}))
        return place

    def _begin_pages(self) -> None:
        # where others reach the pages, each visitor brings a token of their own
        token = self.place.token if is_loopback(self._host) else ""
        told = {"arguments": [str(ENTRY), *options(host=self._host, port=self._port)]}
        handed = {"TOCSIN_TOKEN": "", "TOCSIN_ARTIFACT": "", **environment(self.place.url, token, self._artifact)}
        self._children.append(Child("pages", told, environment=handed))

    def _wait(self, ready: Callable[[], bool], stop: Event) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not ready() and not stop.is_set():
            self.check()
            if time.monotonic() > until:
                raise TocsinError("The dashboard takes too long to start.", remedy="Try again on a less busy machine.")
            time.sleep(_LOOK_S)


def require_dashboard() -> None:
    """Raise an error that names the extra where the dashboard's libraries are not installed.

    Raises
    ------
    MissingExtraError
        If one of them is missing.
    """
    for library in ("fastapi", "uvicorn", "streamlit", "plotly", "httpx2"):
        if find_spec(library) is None:
            raise MissingExtraError("The dashboard", extra="dashboard", library=library)


def remote_service(url: str, *, host: str) -> Place:
    """Return a service that runs already, having asked it who we are.

    Parameters
    ----------
    url
        Its address.
    host
        Where the pages will listen.

    Raises
    ------
    InputError
        If it does not answer, is something else, or does not know the token of the environment.
    SettingError
        If it wants no token, and others would reach it through the pages.
    """
    place = Place(url.rstrip("/"), os.environ.get("TOCSIN_TOKEN", ""))
    place.check()
    if not is_loopback(host) and not place.guarded():
        raise SettingError(
            f"The service at {url} asks for no token: through pages at {host} anybody may do anything.",
            remedy="Make a token first: tocsin token create NAME --scope operate",
        )
    return place


def check_artifact(path: Path | None) -> None:
    """Refuse a file that cannot be put on the shelf, before anything starts.

    Raises
    ------
    ArtifactError
        If there is none.
    """
    if path is not None and not path.is_file():
        raise ArtifactError(f"There is no artifact at {path}.", remedy="Check the path, or train one: tocsin fit")


def greet(address: str, *, browser: bool) -> None:
    """Say where the dashboard is, and open it in a browser where that is wanted."""
    typer.echo(f"The dashboard is at {address} (Ctrl-C ends it)")
    if browser and _has_screen():
        webbrowser.open(address)


def _has_screen() -> bool:
    """Tell whether a window can be opened: without one, Python would start a browser of text in this terminal."""
    return sys.platform in {"win32", "darwin"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
