"""The way to the service: what it answers, what it refuses, and what is said when it is not there."""

from __future__ import annotations

import pytest
from tests.dashboard.conftest import Stand

from tocsin.dashboard._client import Client, ProblemError, chunks
from tocsin.testing.servers import free_port


def test_a_problem_comes_with_what_to_do(stand: Stand) -> None:
    with pytest.raises(ProblemError) as found:
        stand.client.get("/v1/artifacts/nobody")
    assert found.value.status == 404
    assert "nobody" in found.value.message


def test_without_a_token_the_service_says_so_to_whoever_listens(stand: Stand) -> None:
    heard: list[ProblemError] = []
    with pytest.raises(ProblemError) as found:
        Client(stand.url, refused=heard.append).get("/v1/me")
    assert heard == [found.value]
    assert found.value.status == 401
    assert "token" in found.value.message


def test_a_service_that_is_away_is_named() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(ProblemError, match="cannot be reached") as found:
        Client(url).get("/v1/me")
    assert found.value.status == 0
    assert url in found.value.message
    assert "tocsin serve" in found.value.remedy


def test_what_is_sent_in_pieces_comes_back_byte_for_byte(stand: Stand) -> None:
    sent = stand.artifacts[0].read_bytes()
    stand.client.upload("/v1/artifacts/sent", chunks(memoryview(sent)))
    assert stand.client.download("/v1/artifacts/sent/1/file") == sent


def test_corrections_of_a_problem_arrive(stand: Stand) -> None:
    rows = "".join(f"2026-03-01T{hour:02d}:00:00,{hour}\n" for hour in range(24))
    reading = stand.client.upload("/v1/analyses", f"time,foreign\n{rows}".encode(), params={"name": "a.csv"})
    with pytest.raises(ProblemError) as found:
        stand.client.post(f"/v1/analyses/{reading['id']}/score", {"artifact": "room"})
    assert found.value.status == 422
    assert isinstance(found.value.corrections, list)


def test_what_is_not_asked_for_is_left_out(stand: Stand) -> None:
    reading = stand.client.upload(
        "/v1/analyses", stand.readings.read_bytes(), params={"name": "room.csv", "wait": None}
    )
    assert reading["name"] == "room.csv"
