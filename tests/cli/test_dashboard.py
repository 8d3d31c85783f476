"""``tocsin dashboard``: it starts, keeps its secret, ends with everything that is its own, and says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest
from tests.cli.conftest import Shell

from tocsin.service.serving import running
from tocsin.service.settings import ServiceSettings
from tocsin.service.tokens import Scope
from tocsin.testing.servers import free_port, listens

ENDS_WITHIN_S = 5.0


class Started:
    """A dashboard in a process of its own."""

    def __init__(self, folder: Path, *arguments: str | Path) -> None:
        command = [sys.executable, "-m", "tocsin.cli", "dashboard", "--no-browser", "--port", "0", *map(str, arguments)]
        self.child = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        assert self.child.stdout is not None
        self.said: list[str] = []
        for line in self.child.stdout:
            self.said.append(line)
            if "The dashboard is at" in line:
                break
        assert self.said, self.child.communicate()[1]
        self.address = self.said[-1].split()[4]
        self.below = psutil.Process(self.child.pid).children(recursive=True)

    def gone(self) -> bool:
        """Tell whether no process of it is left; they may take a moment."""
        _, alive = psutil.wait_procs(self.below, timeout=ENDS_WITHIN_S)
        return not alive


@contextmanager
def started(folder: Path, *arguments: str | Path) -> Iterator[Started]:
    found = Started(folder, *arguments)
    try:
        yield found
    finally:
        if found.child.poll() is None:
            found.child.kill()
        found.child.communicate()


def get(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return bytes(answer.read())


ENDS = [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow), signal.SIGKILL]
"""Most tests below end it with SIGTERM, too."""


@pytest.mark.parametrize("sent", ENDS, ids=lambda one: one.name)
def test_all_of_it_ends_together(sent: signal.Signals, tmp_path: Path) -> None:
    with started(tmp_path) as dashboard:
        assert b"<html" in get(dashboard.address)
        assert len(dashboard.below) == 2
        began = time.monotonic()
        os.kill(dashboard.child.pid, sent)
        _, err = dashboard.child.communicate(timeout=ENDS_WITHIN_S)
        assert dashboard.gone()
        assert time.monotonic() - began < ENDS_WITHIN_S
        assert dashboard.child.returncode == (0 if sent != signal.SIGKILL else -signal.SIGKILL)
        assert err == ""
    assert not listens(int(dashboard.address.rpartition(":")[2]))


def test_an_artifact_is_put_on_the_shelf_once(artifact: Path, tmp_path: Path) -> None:
    for _ in range(2):
        with started(tmp_path, artifact) as dashboard:
            assert dashboard.said[0] == "room is on the shelf as version 1, in force\n"
            dashboard.child.terminate()
            assert dashboard.child.wait(ENDS_WITHIN_S) == 0
    kept = tmp_path / "tocsin-service" / "artifacts" / "room"
    assert kept.joinpath("active.tocsin").read_bytes() == artifact.read_bytes()


def test_its_own_service_is_closed_to_others_and_its_token_in_no_argument(tmp_path: Path) -> None:
    with started(tmp_path) as dashboard:
        environments = [process.environ() for process in dashboard.below]
        (token,) = {found["TOCSIN_TOKEN"] for found in environments}
        (service,) = {found["TOCSIN_SERVICE"] for found in environments if "TOCSIN_SERVICE" in found}
        assert all(token not in word for process in dashboard.below for word in process.cmdline())
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(f"{service}/v1/me")
        request = urllib.request.Request(f"{service}/v1/me", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert json.load(answer)["scope"] == "admin"
        dashboard.child.terminate()
        out, err = dashboard.child.communicate(timeout=ENDS_WITHIN_S)
        assert token not in "".join([*dashboard.said, out, err])


@pytest.mark.slow
def test_a_part_that_ends_by_itself_ends_the_rest(tmp_path: Path) -> None:
    with started(tmp_path) as dashboard:
        dashboard.below[0].kill()
        _, err = dashboard.child.communicate(timeout=ENDS_WITHIN_S)
        assert dashboard.child.returncode == 2
        assert err.startswith("error: A part of the dashboard ended by itself (code -9).")
        assert dashboard.gone()


def test_a_running_service_is_asked_instead(tmp_path: Path, artifact: Path) -> None:
    settings = ServiceSettings(folder=tmp_path / "plant", store=f"sqlite:///{tmp_path / 't.db'}", port=0)
    with running(settings) as service, started(tmp_path, artifact, "--service", service.url) as dashboard:
        (pages,) = dashboard.below
        assert pages.environ()["TOCSIN_SERVICE"] == service.url
        assert pages.environ()["TOCSIN_TOKEN"] == ""
        dashboard.child.terminate()
        assert dashboard.child.wait(ENDS_WITHIN_S) == 0
    assert (tmp_path / "plant" / "artifacts" / "room").is_dir()
    assert not (tmp_path / "tocsin-service").exists()


def test_a_taken_port(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = shell("dashboard", "--no-browser", "--port", str(port))
    assert done.code == 2
    assert done.err.startswith(f"error: Port {port} of 127.0.0.1 is taken by another program. Choose another")


def test_what_cannot_start_the_service_is_told(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = shell("dashboard", "--no-browser", "--port", "0", "--folder", "file")
    assert done.code == 2
    assert done.err.startswith("error: ")
    assert done.err.count("\n") == 1, done.err


class Stranger(BaseHTTPRequestHandler):
    """A web page that is no service."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>hello</html>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_service_that_is_away_or_is_none(shell: Shell) -> None:
    port = free_port()
    away = shell("dashboard", "--no-browser", "--service", f"http://127.0.0.1:{port}")
    assert away.code == 2
    assert f"No service answers at http://127.0.0.1:{port} (" in away.err
    with HTTPServer(("127.0.0.1", 0), Stranger) as web:
        threading.Thread(target=web.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{web.server_port}"
        other = shell("dashboard", "--no-browser", "--service", url)
    assert other.code == 2
    assert other.err.startswith(f"error: What answers at {url} is no tocsin service.")
    nothing = shell("dashboard", "--no-browser", "--service", "plant.local")
    assert nothing.code == 2
    assert nothing.err.startswith("error: plant.local is no address of a service.")


def test_what_would_open_a_service_to_everybody_is_refused(shell: Shell, tmp_path: Path) -> None:
    own = shell("dashboard", "--no-browser", "--host", "0.0.0.0")
    assert own.code == 2
    assert own.err.startswith("error: With a service of its own the dashboard does not listen at 0.0.0.0")
    with running(ServiceSettings(folder=tmp_path / "s", store=f"sqlite:///{tmp_path / 't.db'}", port=0)) as service:
        bare = shell("dashboard", "--no-browser", "--service", service.url, "--host", "0.0.0.0")
        assert bare.code == 2
        assert "asks for no token: through pages at 0.0.0.0 anybody may do anything." in bare.err


def test_a_wrong_token_is_told_before_anything_starts(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(ServiceSettings(folder=tmp_path / "s", store=f"sqlite:///{tmp_path / 't.db'}", port=0)) as service:
        service.desk.tokens.create("ann", Scope.read)
        monkeypatch.setenv("TOCSIN_TOKEN", "tocsin_wrong")
        done = shell("dashboard", "--no-browser", "--service", service.url)
    assert done.code == 2
    assert done.err.startswith("error: The token is not known here")
    assert "tocsin_wrong" not in done.err


def test_settings_that_do_not_go_together(shell: Shell) -> None:
    done = shell("dashboard", "--service", "http://127.0.0.1:1", "--folder", "here")
    assert done.code == 2
    assert done.err.startswith("error: --folder and --store tell a service of its own what to keep.")


def test_no_such_artifact(shell: Shell) -> None:
    done = shell("dashboard", "none.tocsin")
    assert (done.code, done.err) == (
        2,
        "error: There is no artifact at none.tocsin. Check the path, or train one: tocsin fit\n",
    )


def test_a_missing_extra_is_named(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "tocsin.cli._dashboard.find_spec", lambda name: None if name == "streamlit" else find_spec(name)
    )
    done = shell("dashboard")
    assert done.code == 2
    assert done.err == (
        "error: The dashboard needs streamlit, which is not installed. "
        'Install it with: pip install "tocsin[dashboard]"\n'
    )
