"""Tokens: only hashes are kept, and whatever happens to the file, nobody is let in who has none."""

from __future__ import annotations

import json
import multiprocessing
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.core.errors import InputError, SettingError
from tocsin.service.tokens import Scope, Tokens

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "service" / "tokens.json"


@pytest.fixture
def tokens(path: Path) -> Tokens:
    return Tokens(path)


def test_a_secret_is_found_by_itself_alone(tokens: Tokens) -> None:
    first, second = tokens.create("line 3", Scope.read), tokens.create("grafana", Scope.admin)
    assert first != second
    found = tokens.find(first)
    assert found is not None
    assert (found.name, found.scope) == ("line 3", Scope.read)
    assert tokens.find(first[:-1]) is None
    assert tokens.find("") is None
    assert tokens.find("\udcff") is None
    assert tokens.find(found.sha256) is None, "a hash is no secret"


@pytest.mark.parametrize("name", ["local", "owner", " Owner "])
def test_nobody_is_called_as_those_without_a_token(tokens: Tokens, name: str) -> None:
    with pytest.raises(SettingError, match="what those without a token are called"):
        tokens.create(name, Scope.read)


def test_the_secret_is_written_nowhere_and_others_cannot_read_the_file(tokens: Tokens, path: Path) -> None:
    secret = tokens.create("a", Scope.read)
    assert len(secret) >= len("tocsin_") + 43, "256 bits"
    for file in path.parent.iterdir():
        assert secret.removeprefix("tocsin_") not in file.read_text("utf-8")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_nobody_is_asked_before_there_is_one_and_everybody_for_ever_after(tokens: Tokens, path: Path) -> None:
    assert not tokens.wanted
    secret = tokens.create("a", Scope.read)
    assert tokens.wanted
    tokens.revoke("a")
    assert tokens.find(secret) is None
    assert tokens.wanted
    assert Tokens(path).wanted, "also after a restart"
    path.unlink()
    assert tokens.wanted


@pytest.mark.parametrize("settings", [{"also": "one more"}, {"always": True}])
def test_a_service_may_want_one_from_the_start(path: Path, settings: dict[str, str]) -> None:
    found = Tokens(path, **settings)  # type: ignore[arg-type]  # either of the two
    assert found.wanted
    assert found.find("another") is None


def test_one_more_token_is_the_owners(path: Path) -> None:
    found = Tokens(path, also="one more").find("one more")
    assert found is not None
    assert found.scope is Scope.admin
    assert not path.exists()


def test_what_another_process_writes_counts_at_once(tokens: Tokens, path: Path) -> None:
    other = Tokens(path)
    secret = other.create("a", Scope.operate)
    assert tokens.find(secret) is not None
    other.revoke("a")
    assert tokens.find(secret) is None


def test_a_token_ends_when_it_said_it_would(path: Path) -> None:
    clock = Clock()
    tokens = Tokens(path, now=clock)
    secret = tokens.create("a visitor", Scope.read, lasts_s=3600)
    assert tokens.all()[0].expires == "2026-03-01T13:00:00+00:00"
    clock.now = NOON + timedelta(seconds=3599)
    assert tokens.find(secret) is not None
    assert tokens.usable
    clock.now = NOON + timedelta(seconds=3600)
    assert tokens.find(secret) is None
    assert not tokens.usable
    assert tokens.wanted


DAMAGED = {
    "empty": "",
    "cut": '{"tokens": [{"na',
    "a list": "[]",
    "null": "null",
    "no scope": '{"tokens": [{"name": "a"}]}',
    "a scope of its own": json.dumps({"tokens": [{"name": "a", "scope": "root", "sha256": "", "created": ""}]}),
    "an empty hash": json.dumps({"tokens": [{"name": "a", "scope": "admin", "sha256": "", "created": ""}]}),
    "a number": json.dumps({"tokens": [{"name": 1, "scope": "admin", "sha256": "0" * 64, "created": ""}]}),
    "no time": json.dumps(
        {"tokens": [{"name": "a", "scope": "admin", "sha256": "0" * 64, "created": "", "expires": "soon"}]}
    ),
    "a time nowhere": json.dumps(
        {"tokens": [{"name": "a", "scope": "admin", "sha256": "0" * 64, "created": "", "expires": "2026-03-01"}]}
    ),
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_file_lets_nobody_in(tokens: Tokens, path: Path, text: str) -> None:
    secret = tokens.create("a", Scope.admin)
    path.write_text(text, "utf-8")
    assert tokens.wanted
    for found in (tokens, Tokens(path)):
        with pytest.raises(InputError, match="no list of tokens"):
            found.find(secret)
        with pytest.raises(InputError, match="no list of tokens"):
            found.create("b", Scope.read)
    assert path.read_text("utf-8") == text, "it is left as it is"


def test_a_file_that_cannot_be_read_lets_nobody_in(path: Path) -> None:
    path.mkdir(parents=True)
    found = Tokens(path)
    assert found.wanted
    with pytest.raises(InputError, match="cannot be read"):
        found.find("x")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "\x1b[2J"])
def test_names_are_for_people(tokens: Tokens, name: str) -> None:
    with pytest.raises(SettingError, match="no name"):
        tokens.create(name, Scope.read)
    assert not tokens.wanted


def test_a_name_is_taken_once(tokens: Tokens) -> None:
    tokens.create("a", Scope.read)
    with pytest.raises(SettingError, match="already"):
        tokens.create("a", Scope.admin)
    with pytest.raises(SettingError, match="no token 'b'"):
        tokens.revoke("b")


def _create(path: Path, worker: int) -> None:
    for k in range(10):
        Tokens(path).create(f"{worker}-{k}", Scope.read)


def test_processes_that_create_at_once_lose_nothing(path: Path) -> None:
    spawn = multiprocessing.get_context("fork")
    workers = [spawn.Process(target=_create, args=(path, worker)) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0] * 4
    assert len(Tokens(path).all()) == 40


def test_what_an_earlier_version_wrote_is_read(path: Path) -> None:
    path.parent.mkdir()
    row = {"name": "a", "scope": "read", "sha256": "0" * 64, "created": "2026-03-01T12:00:00+00:00"}
    path.write_text(json.dumps({"tokens": [row]}), "utf-8")
    assert [token.expires for token in Tokens(path).all()] == [""]
