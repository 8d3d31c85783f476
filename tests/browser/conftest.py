"""One browser, one service and one dashboard for all tests of a run."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.visitor import Visitor

from tocsin.cli import main
from tocsin.engine.scorer import Scorer
from tocsin.testing.servers import Pages, Service
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

MakeVisitor = Callable[..., Visitor]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser; each visitor has a profile of their own in it."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium or Chrome to open the pages with")
    # nothing but the loopback can be reached, whatever a page asks for
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated room with labelled events; rows from 600 on were never learned from."""
    path = tmp_path_factory.mktemp("browser") / "room.csv"
    Environment(rows=900, seed=3).table().write_csv(path)
    return path


@pytest.fixture(scope="session")
def artifact(room: Path) -> Path:
    """An artifact of the room."""
    scorer: Scorer = fit(room, Recipe(detector="rolling_zscore", window=12))
    scorer.save(room.with_suffix(".tocsin"))
    return room.with_suffix(".tocsin")


@pytest.fixture(scope="session")
def service(artifact: Path) -> Iterator[Service]:
    """A service that has the artifact ``room`` in force."""
    with Service() as server:
        taken = httpx2.post(f"{server.url}/v1/artifacts/room", content=artifact.read_bytes(), trust_env=False)
        assert taken.status_code == 201, taken.text
        yield server


@pytest.fixture(scope="session")
def pages(service: Service) -> Iterator[Pages]:
    """The dashboard of the service."""
    with Pages(service.url) as server:
        yield server


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., int]:
    """Return a function that runs ``tocsin`` with some arguments in an empty folder; it returns the exit code."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["tocsin", *arguments])
        with pytest.raises(SystemExit) as end:
            main()
        capfd.readouterr()
        return int(end.value.code or 0)

    return run


@pytest.fixture
def visit(chromium: Browser, pages: Pages, service: Service, request: pytest.FixtureRequest) -> Iterator[MakeVisitor]:
    """Return visitors that are checked in the end, as are the logs: by default on a desk, in light."""
    before = {server: len(server.log) for server in (pages, service)}
    name = request.node.name.replace("[", "-").rstrip("]").replace("/", "-").replace(" ", "-")
    visitors: list[Visitor] = []
    with ExitStack() as stack:

        def make(*, dark: bool = False, width: int = 1280, height: int = 900, **more: Any) -> Visitor:
            context = chromium.new_context(
                color_scheme="dark" if dark else "light",
                viewport={"width": width, "height": height},
                reduced_motion="reduce",
                **more,
            )
            stack.callback(context.close)
            visitors.append(Visitor(context.new_page(), pages.url, name))
            return visitors[-1]

        yield make
        for visitor in visitors:
            visitor.content()
    for server, length in before.items():
        assert "Traceback" not in server.log[length:], server.log[length:]
