from __future__ import annotations

import logging

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient

from tocsin.service import problems
from tocsin.service.guards.porter import Porter
from tocsin.service.tally import Tally


@pytest.fixture
def tally() -> Tally:
    return Tally(dict)


@pytest.fixture
def client(tally: Tally) -> TestClient:
    app = FastAPI()
    problems.install(app, lambda _: ["GET"])

    @app.get("/things/{thing}")
    def thing(thing: str) -> str:
        if thing == "none":
            raise problems.ProblemError(404, "There is none.")
        return thing

    @app.get("/broken")
    def broken() -> str:
        raise ZeroDivisionError("secret detail")

    @app.get("/half")
    def half() -> StreamingResponse:
        def pieces() -> object:
            yield b"a"
            raise ZeroDivisionError("secret detail")

        return StreamingResponse(pieces())  # type: ignore[arg-type]  # a generator that breaks

    app.add_middleware(Porter, tally=tally)
    return TestClient(app, raise_server_exceptions=False)


def counted(tally: Tally) -> list[str]:
    lines = tally.text().decode().splitlines()
    return [line for line in lines if line.startswith("tocsin_service_requests_total{")]


def test_each_request_has_a_name_of_its_own(client: TestClient) -> None:
    first, second = (client.get("/things/a").headers["X-Request-ID"] for _ in range(2))
    assert first != second
    assert len(first) == 16


@pytest.mark.parametrize("given", ["a", "7f3a-1.b_c", "x" * 64])
def test_a_name_that_was_given_is_kept(client: TestClient, given: str) -> None:
    assert client.get("/things/a", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a;b", "<script>"])
def test_a_name_that_would_be_trouble_is_not(client: TestClient, given: str) -> None:
    assert client.get("/things/a", headers={"X-Request-ID": given}).headers["X-Request-ID"] != given


def test_a_problem_names_its_request_and_so_does_the_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.get("/things/none", headers={"X-Request-ID": "q1"})
    assert answer.json() == {
        "title": "Not Found", "status": 404, "detail": "There is none.", "remedy": "", "request": "q1",
    }  # fmt: skip
    (line,) = [record for record in caplog.records if record.name == "tocsin.service.requests"]
    assert line.getMessage() == "GET /things/none 404"
    assert vars(line)["request"] == "q1"
    assert vars(line)["ms"] >= 0


def test_what_breaks_is_told_in_the_log_and_not_to_the_caller(
    client: TestClient, caplog: pytest.LogCaptureFixture, tally: Tally
) -> None:
    answer = client.get("/broken", headers={"X-Request-ID": "q2"})
    assert answer.status_code == 500
    assert answer.json()["request"] == answer.headers["X-Request-ID"] == "q2"
    assert "secret" not in answer.text
    (line,) = [record for record in caplog.records if record.exc_info]
    assert line.getMessage() == "GET /broken failed"
    assert vars(line)["request"] == "q2"
    assert counted(tally) == ['tocsin_service_requests_total{method="GET",route="/broken",status="500"} 1.0']


def test_what_breaks_in_the_middle_of_an_answer_is_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ZeroDivisionError):
        TestClient(client.app).get("/half")
    assert [record.getMessage() for record in caplog.records if record.exc_info] == ["GET /half failed"]


def test_nothing_of_a_request_but_its_path_is_logged(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        client.get("/things/a?token=hidden-1", headers={"Authorization": "Bearer hidden-2", "Cookie": "hidden-3"})
        client.get("/broken?token=hidden-1", headers={"Authorization": "Bearer hidden-2", "Cookie": "hidden-3"})
    assert "hidden" not in " ".join(str(vars(record)) for record in caplog.records if record.name.startswith("tocsin"))


def test_requests_are_counted_by_route_not_by_path(client: TestClient, tally: Tally) -> None:
    for path in ("/things/a", "/things/b", "/things/none", "/nowhere", "/nowhere/else"):
        client.get(path)
    client.request("BREW", "/things/a")
    assert set(counted(tally)) == {
        'tocsin_service_requests_total{method="GET",route="/things/{thing}",status="200"} 2.0',
        'tocsin_service_requests_total{method="GET",route="/things/{thing}",status="404"} 1.0',
        'tocsin_service_requests_total{method="GET",route="other",status="404"} 2.0',
        'tocsin_service_requests_total{method="other",route="/things/{thing}",status="405"} 1.0',
    }
    assert 'tocsin_service_request_seconds_count{route="/things/{thing}"} 4.0' in tally.text().decode()
