"""``tocsin serve`` as people start and end it: a process of its own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Shell = Callable[..., tuple[int, str, str]]
PATIENCE_S = 60.0


class Served:
    """A service as a process, with what it says on the error stream."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.log = folder / "log"
        command = [sys.executable, "-m", "tocsin.cli", "serve", "--port", "0", *more]
        with self.log.open("wb") as file:
            self.process = subprocess.Popen(command, cwd=folder, stderr=file, stdout=subprocess.PIPE)
        self.url = self.says(r"listens at (http://\S+);")

    def says(self, pattern: str) -> str:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            if found := re.search(pattern, self.log.read_text("utf-8")):
                return found[1] if found.groups() else found[0]
            time.sleep(0.05)
        raise AssertionError(f"{pattern} was not said: {self.log.read_text('utf-8')}")

    def asks(self, path: str, **headers: str) -> int:
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, headers=headers), timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def ends(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=PATIENCE_S)
        return int(self.process.returncode)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    running: list[Served] = []

    def serve(*more: str) -> Served:
        running.append(Served(tmp_path, *more))
        return running[-1]

    yield serve
    for one in running:
        one.process.kill()
        one.process.communicate()


def test_it_says_where_it_listens_who_may_ask_and_ends_in_good_order(
    served: Callable[..., Served], tmp_path: Path
) -> None:
    found = served()
    assert found.url.startswith("http://127.0.0.1:")
    found.says("until there is a token: tocsin token create NAME")
    assert found.asks("/v1/me") == 200
    assert found.asks("/docs") == 200
    create = [sys.executable, "-m", "tocsin.cli", "token", "create", "a"]
    secret = subprocess.run(create, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.strip()
    assert found.asks("/v1/me") == 401
    assert found.asks("/v1/me", Authorization=f"Bearer {secret}") == 200
    assert found.ends(signal.SIGTERM) == 0
    log = found.log.read_text("utf-8")
    assert log.endswith("Ended in good order.\n")
    assert len(log.splitlines()) == 3, "nothing is said of each request"
    assert secret not in log


def test_on_request_it_says_what_was_asked_for_machines(served: Callable[..., Served]) -> None:
    found = served("--verbose", "--log-format", "json")
    found.asks("/v1/me?token=hidden")
    found.says("GET /v1/me 200")
    assert found.ends(signal.SIGINT) == 0
    lines = [json.loads(line) for line in found.log.read_text("utf-8").splitlines()]
    (asked,) = [line for line in lines if line["logger"] == "tocsin.service.requests"]
    assert (asked["caller"], asked["level"]) == ("local", "info")
    assert len(asked["request"]) == 16
    assert "hidden" not in found.log.read_text("utf-8")


def test_others_may_not_reach_it_without_a_token(shell: Shell) -> None:
    code, out, err = shell("serve", "--host", "0.0.0.0")
    assert (code, out) == (2, "")
    assert err == (
        "error: Whoever reaches 0.0.0.0 could use the service, since there is no token yet. "
        "Make one first: tocsin token create NAME --scope admin\n"
    )


def test_a_port_that_is_taken(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = shell("serve", "--port", str(port))
    assert code == 2
    assert err == (
        f"error: The service cannot listen at 127.0.0.1:{port}: Address already in use. "
        "Choose another with --port (0 takes a free one), or stop what listens there.\n"
    )


def test_a_token_from_the_environment_must_be_hard_to_guess(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_ADMIN_TOKEN", "secret")
    code, _, err = shell("serve", "--host", "0.0.0.0")
    assert code == 2
    assert err.startswith("error: $TOCSIN_ADMIN_TOKEN has 6 characters, and could be guessed.")
    monkeypatch.setenv("TOCSIN_ADMIN_TOKEN", "x" * 32)
    code, _, err = shell("serve", "--host", "192.0.2.1", "--port", "0")
    assert "cannot listen at 192.0.2.1" in err, "a token there is; the address is not ours"


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--limit-jobs", "0"), ("--limit-rate", "0")])
def test_settings_that_cannot_be(shell: Shell, arguments: tuple[str, ...]) -> None:
    code, _, err = shell("serve", *arguments)
    assert code == 2
    assert arguments[0] in err


def test_without_its_libraries_it_says_how_to_get_them(tmp_path: Path) -> None:
    blocked = "import sys; sys.modules['fastapi'] = None; from tocsin.cli import main; main()"
    command = [sys.executable, "-c", blocked, "serve"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        'error: The service needs fastapi, which is not installed. Install it with: pip install "tocsin[serve]"\n'
    )
