"""``tocsin footprint``: a table for people, JSON for machines, one sentence where something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Shell


@pytest.mark.slow
def test_table(shell: Shell, artifact: Path, room: Path) -> None:
    done = shell("footprint", artifact, artifact, "--readings", room)
    assert done.code == 0
    assert all(word in done.out for word in ("parameters", "FLOP", "99 %", "VUS-PR", "100.00 %"))


@pytest.mark.slow
def test_json(shell: Shell, artifact: Path) -> None:
    done = shell("footprint", artifact, "--json")
    (found,) = json.loads(done.out)
    assert found["artifact_bytes"] == artifact.stat().st_size
    assert found["detection"] is None


def test_a_missing_artifact(shell: Shell) -> None:
    done = shell("footprint", "nowhere.tocsin")
    assert done.code == 2
    assert "There is no artifact at nowhere.tocsin" in done.err
