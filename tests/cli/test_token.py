from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.service.tokens import Scope, Tokens

Shell = Callable[..., tuple[int, str, str]]


def kept() -> Tokens:
    return Tokens(Path("tocsin-service") / "tokens.json")


def test_a_token_is_made_shown_once_listed_and_taken_back(shell: Shell) -> None:
    code, out, err = shell("token", "create", "line 3", "--scope", "operate")
    assert code == 0
    secret = out.strip()
    assert "cannot be shown again" in err
    found = kept().find(secret)
    assert found is not None
    assert (found.name, found.scope) == ("line 3", Scope.operate)
    code, out, _ = shell("token", "list")
    assert code == 0
    assert out.startswith("line 3: operate, since 20")
    assert secret not in out
    assert shell("token", "revoke", "line 3") == (0, "line 3: revoked\n", "")
    assert kept().find(secret) is None
    assert shell("token", "list")[1] == "There is no token. Make one with: tocsin token create NAME\n"


def test_a_token_may_look_unless_more_is_said(shell: Shell) -> None:
    shell("token", "create", "a", "--folder", "elsewhere")
    assert [token.scope for token in Tokens(Path("elsewhere") / "tokens.json").all()] == [Scope.read]


def test_a_token_can_end_by_itself(shell: Shell) -> None:
    shell("token", "create", "a visitor", "--expires", "12h")
    shell("token", "create", "another")
    code, out, _ = shell("token", "list", "--json")
    assert code == 0
    first, second = json.loads(out)
    assert (first["name"], first["over"], second["expires"]) == ("a visitor", False, None)
    assert first["expires"] > first["created"]
    assert ", until 20" in shell("token", "list")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "a", "--scope", "root"), "root"),
        (("create", "a", "--expires", "soon"), "--expires is 'soon', which is no time."),
        (("create", ""), "no name for a token"),
        (("revoke", "a"), "There is no token 'a'. See: tocsin token list"),
    ],
)
def test_what_cannot_be_is_told(shell: Shell, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = shell("token", *arguments)
    assert (code, out) == (2, "")
    assert said in err


def test_a_damaged_list_is_told_and_kept(shell: Shell) -> None:
    shell("token", "create", "a")
    path = Path("tocsin-service") / "tokens.json"
    path.write_text("{", "utf-8")
    for arguments in (("list",), ("create", "b"), ("revoke", "a")):
        code, _, err = shell("token", *arguments)
        assert code == 2
        assert "is no list of tokens" in err
    assert path.read_text("utf-8") == "{"


def test_alone_it_says_what_it_can_do(shell: Shell) -> None:
    code, out, _ = shell("token")
    assert code == 0
    for verb in ("create", "list", "revoke"):
        assert f"│ {verb} " in out
