from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tocsin.service.app import make_app
from tocsin.service.settings import ServiceSettings
from tocsin.testing._store_toys import opened
from tocsin.testing.told_fleet import ToldFleet

SECOND = 10**9
NOW = 1_700_000_000 * SECOND
FLEET = ToldFleet(devices=3)
TOLD = FLEET.document(NOW, seconds=2.0)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("live")
    store = f"sqlite:///{folder / 'tocsin.db'}"
    with opened(store):
        pass
    settings = ServiceSettings(folder=folder / "service", store=store)
    with TestClient(make_app(settings), base_url="http://127.0.0.1:8420") as found:
        yield found


def test_what_a_watch_tells_is_there_at_once(client: TestClient) -> None:
    assert client.post("/v1/frames", json=TOLD).json() == {"news": 6}
    assert client.post("/v1/frames", json=TOLD).json() == {"news": 0}
    worst = client.get("/v1/devices?most=1").json()
    assert (worst["devices"][0]["device"], worst["total"]) == ("room-1", 3)
    assert client.get("/v1/devices/room-1?duty=plant").json()["channels"] == ["temp", "humidity"]


def test_names_with_strokes_are_devices_too(client: TestClient) -> None:
    named = {**TOLD, "devices": ["a/b c", "x", "ü/%"], "duty": "strokes"}
    client.post("/v1/frames", json=named).raise_for_status()
    assert client.get("/v1/devices/a/b c").json()["device"] == "a/b c"
    assert client.get("/v1/devices/%C3%BC%2F%25").json()["device"] == "ü/%"


def test_news_alone_may_be_told(client: TestClient) -> None:
    assert client.post("/v1/frames", json={"incidents": [FLEET.incident(NOW).document()]}).json() == {"news": 0}


def test_news_with_numbers_that_are_none_is_refused(client: TestClient) -> None:
    body = '{"incidents": [{"id": "1", "score": NaN}]}'
    answer = client.post("/v1/frames", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "changes",
    [
        {"score": [1.0]},
        {"device": [0, 1, 2, 0, 1, 3]},
        {"status": [7] * 6},
        {"time": [2**63] * 6},
        {"cause": [5] * 6},
        {"values": [[1.0]] * 6},
        {"values": "much"},
        {"skipped": -1},
        {"channels": ["a"] * 1_001},
    ],
)
def test_what_does_not_fit_together_is_refused(client: TestClient, changes: dict[str, Any]) -> None:
    answer = client.post("/v1/frames", json={**TOLD, **changes})
    assert answer.status_code == 422, answer.text
    assert answer.json()["remedy"]


def test_numbers_beyond_a_float_are_taken_as_they_are_judged(client: TestClient) -> None:
    huge = {**TOLD, "duty": "huge", "values": [[1e300, -1e300]] * 6, "score": [1e308] * 6, "limit": [1e-308] * 6}
    client.post("/v1/frames", json=huge).raise_for_status()
    (first, *_) = client.get("/v1/devices?duty=huge").json()["devices"]
    assert (first["severity"], first["values"]) == (None, {"temp": None, "humidity": None})
