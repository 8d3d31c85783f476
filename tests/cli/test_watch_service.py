"""``tocsin watch --service``: what is judged is told to a service, with the token that the environment has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.service.serving import running
from tocsin.service.settings import ServiceSettings
from tocsin.service.tokens import Scope, Tokens

Shell = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("scope", [Scope.operate, Scope.read])
def test_a_service_is_told_with_the_token_of_the_environment(
    shell: Shell, artifact: Path, room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scope: Scope
) -> None:
    store = f"sqlite:///{tmp_path / 'told.db'}"
    settings = ServiceSettings(folder=tmp_path / "service", store=store, port=0)
    monkeypatch.setenv("TOCSIN_TOKEN", Tokens(settings.folder / "tokens.json").create("watch", scope))
    with running(settings) as service:
        words = ("--source", f"tail:{room}", "--once", "--quiet", "--store", store, "--service", service.url)
        code, _, err = shell("watch", artifact, *words)
        told = [len(fleet) for fleet in service.desk.hub.fleets()]
    assert code == 0
    if scope is Scope.operate:
        assert (told, err) == ([1], "")
    else:
        assert told == []
        assert f"The service {service.url} is not told what is judged: it refuses the token in $TOCSIN_TOKEN" in err


def test_what_is_no_service_is_refused_before_anything_is_opened(
    shell: Shell, artifact: Path, room: Path, tmp_path: Path
) -> None:
    code, _, err = shell("watch", artifact, "--source", f"tail:{room}", "--service", "localhost", "--check")
    assert (code, err) == (2, "error: 'localhost' is no service. For example: --service http://127.0.0.1:8420\n")
    assert not list(tmp_path.glob("*.db"))


def test_check_shows_who_is_told_without_a_password(shell: Shell, artifact: Path, room: Path) -> None:
    url = "http://me:secret@host:8420"
    code, out, _ = shell("watch", artifact, "--source", f"tail:{room}", "--service", url, "--check")
    assert code == 0
    assert "http://me@host:8420" in out
    assert "secret" not in out
