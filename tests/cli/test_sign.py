"""``tocsin sign``, and what verbs do with signatures where they are asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Shell = Callable[..., Any]


@pytest.fixture
def signed(shell: Shell, artifact: Path) -> Path:
    """The room's artifact, signed by plant.key in the folder where the shell is."""
    shell("sign", "--new-key", "plant.key")
    assert shell("sign", artifact, "--key", "plant.key", "-o", "signed.tocsin").code == 0
    return Path("signed.tocsin")


def test_a_signed_artifact_scores_where_its_key_is_trusted(shell: Shell, room: Path, signed: Path) -> None:
    assert shell("score", signed, room, "--trusted-key", "plant.pub").code == 0


def test_an_unsigned_artifact_is_refused_with_the_remedy(shell: Shell, room: Path, artifact: Path) -> None:
    shell("sign", "--new-key", "plant.key")
    done = shell("score", artifact, room, "--trusted-key", "plant.pub")
    assert done.code == 2
    assert "is not signed" in done.err
    assert "tocsin sign" in done.err


def test_a_tampered_and_a_strangers_artifact_are_refused(shell: Shell, room: Path, signed: Path) -> None:
    shell("sign", "--new-key", "other.key")
    assert "not trusted" in shell("score", signed, room, "--trusted-key", "other.pub").err
    body = bytearray(signed.read_bytes())
    body[200] ^= 1
    signed.write_bytes(body)
    done = shell("score", signed, room, "--trusted-key", "plant.pub")
    assert done.code == 2
    assert "altered" in done.err


def test_keys_in_the_config_count_and_lie_beside_it(shell: Shell, room: Path, artifact: Path, signed: Path) -> None:
    Path("tocsin.toml").write_text('[trust]\nkeys = ["plant.pub"]\n')
    assert shell("score", signed, room, "--config", "tocsin.toml").code == 0
    assert shell("score", artifact, room, "--config", "tocsin.toml").code == 2


def test_a_watch_refuses_before_it_starts(shell: Shell, artifact: Path, signed: Path) -> None:
    source = ("--source", "mqtt://localhost/plant/{device}")
    assert shell("watch", signed, *source, "--trusted-key", "plant.pub", "--check").code == 0
    assert shell("watch", artifact, *source, "--trusted-key", "plant.pub", "--check").code == 2


def test_inspect_tells_who_signed(shell: Shell, signed: Path, artifact: Path) -> None:
    assert len(json.loads(shell("inspect", signed, "--json").out)["signed_by"]) == 16
    assert json.loads(shell("inspect", artifact, "--json").out)["signed_by"] is None
    assert "unchecked" in shell("inspect", signed).out
    assert "(checked)" in shell("inspect", signed, "--trusted-key", "plant.pub").out


@pytest.mark.parametrize("wrong", [(), ("room.tocsin",), ("room.tocsin", "--new-key", "plant.key")])
def test_what_cannot_be_is_said(shell: Shell, wrong: tuple[str, ...]) -> None:
    assert shell("sign", *wrong).code == 2
