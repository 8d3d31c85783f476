from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from tocsin.cli._app import app as command
from tocsin.core.notices import rfc3339
from tocsin.core.tidings import Tidings
from tocsin.service.app import make_app
from tocsin.service.settings import ServiceSettings
from tocsin.service.tokens import Scope, Tokens
from tocsin.testing._store_toys import FEED, LANE, entry, notice, opened

HERE = "/v1/incidents"
HOUR = 3_600 * 10**9


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("incidents")
    store, now = f"sqlite:///{folder / 'tocsin.db'}", time.time_ns()
    news = (
        notice("a"),
        replace(notice("b", 1, "close", device="pump-2", end=30), start=20),
        replace(
            notice("c", device="room-1"), start=now - HOUR, end=now - HOUR // 2, duty="d", open=False, kind="close"
        ),
        notice("a", 1, "update"),
    )
    with opened(store) as own:
        own.write(entry(own.claim(FEED, LANE, "test").epoch, Tidings(news)))
    settings = ServiceSettings(folder=folder / "service", store=store)
    secret = Tokens(settings.folder / "tokens.json").create("Ada's phone", Scope.operate)
    with TestClient(make_app(settings), headers={"Authorization": f"Bearer {secret}"}) as found:
        yield found


def ids(client: TestClient, asked: str = "") -> list[str]:
    answer = client.get(HERE + asked)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["incidents"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["c", "b", "a"]),
        ("?open=true", ["a"]),
        ("?open=false", ["c", "b"]),
        ("?since=2h", ["c", "a"]),
        ("?since=10min", ["a"]),
        ("?since=1970-01-01T00:00:01Z", ["c", "a"]),
        ("?since=1970-01-01T00:00:00.000000025Z", ["c", "b", "a"]),
        ("?device=pump-2", ["b"]),
        ("?device=pump-*", ["b", "a"]),
        ("?device=pump-*&most=1", ["b"]),
        ("?duty=d", ["c"]),
        ("?duty=", ["b", "a"]),
        ("?most=2", ["c", "b"]),
    ],
)
def test_incidents_are_found(client: TestClient, asked: str, found: list[str]) -> None:
    assert ids(client, asked) == found


@pytest.mark.parametrize(
    "asked", ["?since=yesterday", "?since=2026-13-41T99:99:99Z", "?since=", "?most=0", "?most=99999", "?open=maybe"]
)
def test_what_makes_no_sense_is_refused(client: TestClient, asked: str) -> None:
    answer = client.get(HERE + asked)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["remedy"]


def test_an_incident_is_shown_with_its_history(client: TestClient) -> None:
    told = client.get(f"{HERE}/a").json()
    assert [news["revision"] for news in told["history"]] == [0, 1]
    assert (told["revision"], told["device"], told["start"]) == (1, "pump-1", rfc3339(10))


def test_who_sees_to_it_and_what_it_was_is_kept_under_the_tokens_name(client: TestClient) -> None:
    first = client.post(f"{HERE}/b/acknowledge", json={"note": "on my way"}).json()
    assert (first["acknowledged_by"], first["note"]) == ("Ada's phone", "on my way")
    assert first["acknowledged"].startswith("20")
    second = client.post(f"{HERE}/b/label", json={"label": " maintenance ", "by": "Bob", "note": "oil"}).json()
    assert (second["label"], second["note"], second["acknowledged_by"]) == ("maintenance", "oil", "Ada's phone")
    said = client.get(f"{HERE}/b").json()["feedback"]
    assert [(one["kind"], one["label"], one["by"]) for one in said] == [
        ("acknowledge", None, "Ada's phone"), ("label", "maintenance", "Bob"),
    ]  # fmt: skip


def test_an_acknowledgement_needs_no_words(client: TestClient) -> None:
    assert client.post(f"{HERE}/c/acknowledge").json()["acknowledged_by"] == "Ada's phone"


def test_the_command_line_sees_an_answer_at_once(client: TestClient) -> None:
    client.post(f"{HERE}/a/label", json={"label": "false"}).raise_for_status()
    store = client.app.state.desk.settings.store  # type: ignore[attr-defined]  # an application of Starlette has it
    shown = CliRunner().invoke(command, ["incidents", "--store", store, "show", "a", "--json"])
    assert json.loads(shown.stdout)["label"] == "false"


@pytest.mark.parametrize(
    "body", [{}, {"label": ""}, {"label": "   "}, {"label": "x" * 61}, {"label": 1}, {"label": "x", "more": 1}, []]
)
def test_what_is_no_label_is_refused(client: TestClient, body: object) -> None:
    assert client.post(f"{HERE}/a/label", json=body).status_code == 422


def test_what_is_not_there_is_said_so(client: TestClient) -> None:
    asked = [
        client.get(f"{HERE}/nowhere"),
        client.post(f"{HERE}/nowhere/acknowledge"),
        client.post(f"{HERE}/nowhere/label", json={"label": "true"}),
    ]
    for answer in asked:
        assert answer.status_code == 404
        assert "nowhere" in answer.json()["detail"]


def test_a_store_that_is_away_is_said_to_be_away(client: TestClient, tmp_path: Path) -> None:
    own: ServiceSettings = client.app.state.desk.settings  # type: ignore[attr-defined]  # as above
    path = tmp_path / "tocsin.db"
    shutil.copy(own.store.removeprefix("sqlite:///"), path)
    settings = ServiceSettings(folder=tmp_path / "service", store=f"sqlite:///{path}")
    with TestClient(make_app(settings), base_url="http://127.0.0.1:8420") as other:
        assert len(ids(other)) == 3
        path.unlink()
        for answer in (other.get(HERE), other.get("/v1/devices"), other.post(f"{HERE}/a/acknowledge")):
            assert answer.status_code == 503
            assert answer.json()["remedy"]
