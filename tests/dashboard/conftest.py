"""A service with something of everything, which the pages under test are clients of."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tocsin.dashboard._client import Client, connections
from tocsin.dashboard.launch import SERVICE, TOKEN
from tocsin.service.serving import running
from tocsin.service.settings import Limits, ServiceSettings
from tocsin.service.tokens import Scope, Tokens
from tocsin.store import Store
from tocsin.testing._store_toys import notice, opened, told
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

FEW, MANY = 12, 24
"""Windows of the two artifacts."""

Made = tuple[Path, tuple[Path, Path]]
MakePage = Callable[..., AppTest]


@dataclass(frozen=True)
class Stand:
    """A service and what is in it.

    Parameters
    ----------
    tokens
        Secrets by scope.
    ring
        What the service knows of tokens.
    readings
        A labelled table.
    artifacts
        Two, of which the first is in force as ``room``, version 1, and the second is its version 2.
    """

    url: str
    tokens: dict[str, str]
    ring: Tokens
    readings: Path
    artifacts: tuple[Path, Path]
    store: Store
    client: Client


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A room of 900 readings, and two artifacts that learned from it within a moment."""
    folder = tmp_path_factory.mktemp("dashboard")
    Environment(rows=900, seed=3).table().write_csv(folder / "room.csv")
    paths = (folder / "few.tocsin", folder / "many.tocsin")
    for path, window in zip(paths, (FEW, MANY), strict=True):
        fit(folder / "room.csv", Recipe(detector="rolling_zscore", window=window)).save(path)
    return folder / "room.csv", paths


@pytest.fixture(autouse=True)
def _main_module_stays() -> Iterator[None]:
    """A page under test makes itself the main module, which processes started later would then run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session", autouse=True)
def _no_connection_is_left() -> Iterator[None]:
    """What all visitors share is closed in the end."""
    yield
    connections().close()


@pytest.fixture(scope="session")
def stand(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One service for all tests that leave ``room`` and the incidents as they are; others make one of their own."""
    with serving(made, tmp_path_factory.mktemp("stand")) as found:
        yield found


@contextmanager
def serving(made: Made, folder: Path) -> Iterator[Stand]:
    """Run a service with everything in it."""
    readings, artifacts = made
    settings = ServiceSettings(
        folder=folder / "service",
        store=f"sqlite:///{folder / 'tocsin.db'}",
        port=0,
        limits=Limits(requests_per_s=100_000.0),
    )
    tokens = Tokens(settings.folder / "tokens.json")
    secrets = {scope.name: tokens.create(scope.name, scope) for scope in Scope}
    with opened(settings.store) as store:
        told(store, notice("1f"), notice("2f", device="pump-2"))
        told(store, notice("2f", 1, "close", device="pump-2", end=40))
        with running(settings) as found:
            client = Client(found.url, secrets["admin"])
            for path in artifacts:
                client.upload("/v1/artifacts/room", path.read_bytes())
            yield Stand(found.url, secrets, tokens, readings, artifacts, store, client)


@pytest.fixture
def page(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> MakePage:
    """Give what makes a page of a room, or a part of one, as somebody with a token sees it; "" for one without."""

    def make(
        room: str, *, body: str = "page.show()", scope: str = "admin", query: dict[str, str] | None = None, **state: Any
    ) -> AppTest:
        monkeypatch.setenv(SERVICE, stand.url)
        monkeypatch.setenv(TOKEN, stand.tokens[scope] if scope else "")
        script = f"from tocsin.dashboard.{room} import page\n{body}"
        made = AppTest.from_string(script, default_timeout=60)
        for name, value in state.items():
            made.session_state[name] = value
        for name, text in (query or {}).items():
            made.query_params[name] = text
        return made.run()

    return make


def texts(seen: AppTest) -> str:
    """Return all that a page says."""
    kinds = (seen.markdown, seen.caption, seen.info, seen.warning, seen.success, seen.error, seen.header)
    return "\n".join(str(block.value) for blocks in kinds for block in blocks)


def press(seen: AppTest, label: str) -> AppTest:
    """Press the first button with this label."""
    return next(button for button in seen.button if button.label == label).click().run()
