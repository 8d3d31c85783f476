"""What a watch that cannot reach its broker says, in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.testing.servers import HOST, Mosquitto, free_port

PATIENCE_S = 60.0


@pytest.fixture
def folder(tmp_path: Path, artifact: Path) -> Path:
    (tmp_path / "room.tocsin").write_bytes(artifact.read_bytes())
    return tmp_path


def test_no_broker_is_told_in_one_sentence(folder: Path) -> None:
    done = run("room.tocsin", "--source", f"mqtt://{HOST}:{free_port()}/plant/+/env?wait=1s", folder=folder)
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_password_is_told_in_one_sentence(folder: Path) -> None:
    with Mosquitto(users={"anna": "right"}) as broker:
        url = broker.url.replace("//", "//anna:wrong@")
        done = run("room.tocsin", "--source", f"{url}/plant/+/env?wait=1s", folder=folder)
    assert done.returncode == 2
    assert "error: " in done.stderr
    assert "wrong" not in done.stderr
    assert "Traceback" not in done.stderr


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tocsin.cli", "watch", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=2 * PATIENCE_S, check=False)
