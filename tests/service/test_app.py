"""The service as a whole: what may be asked by anybody, what it says of itself, what it tells browsers."""

from __future__ import annotations

import html
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from tests.service.conftest import Stocked

from tocsin.service.app import make_app
from tocsin.service.manual_page import page
from tocsin.service.settings import ServiceSettings
from tocsin.service.tokens import Scope


@pytest.fixture(scope="module")
def client(stocked: Stocked) -> TestClient:
    return TestClient(stocked.app, headers=stocked.bearer("read"))


@pytest.fixture
def alone(settings: ServiceSettings) -> Iterator[TestClient]:
    with TestClient(make_app(settings)) as found:
        yield found


def gauges(client: TestClient) -> dict[str, float]:
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {sample.name: sample.value for family in families for sample in family.samples if not sample.labels}


def test_without_any_token_whoever_is_on_this_machine_may_do_everything(alone: TestClient) -> None:
    told = alone.get("/v1/me").json()
    assert (told["name"], told["scope"], told["open"]) == ("local", "admin", True)


def test_it_says_who_asks_and_how_much_it_takes_on(client: TestClient, stocked: Stocked) -> None:
    told = client.get("/v1/me").json()
    assert (told["name"], told["scope"], told["open"]) == ("read", "read", False)
    assert told["limits"]["body_bytes"] == stocked.settings.limits.body_bytes


def test_it_is_ready_where_its_store_is(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ok"}


def test_it_is_alive_but_not_ready_while_the_store_is_away(settings: ServiceSettings, tmp_path: Path) -> None:
    with TestClient(make_app(replace(settings, store=f"sqlite:///{tmp_path / 'none' / 'tocsin.db'}"))) as client:
        assert client.get("/healthz").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["Retry-After"]
        assert answer.json()["detail"]
        assert gauges(client)["tocsin_service_store_up"] == 0
        (tmp_path / "none").mkdir()
        assert client.get("/readyz").status_code == 200, "and ready as soon as it is there"
        assert gauges(client)["tocsin_service_store_up"] == 1


def test_prometheus_reads_how_things_stand(client: TestClient) -> None:
    client.get("/v1/me")
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = gauges(client)
    assert found["tocsin_service_store_up"] == 1
    assert found["tocsin_service_open_incidents"] == 1
    assert found["tocsin_service_viewers"] == 0
    assert found["tocsin_service_jobs_running"] == found["tocsin_service_jobs_waiting"] == 0
    assert 'tocsin_service_requests_total{method="GET",route="/v1/me",status="200"}' in answer.text
    assert "tocsin_service_build_info{version=" in answer.text
    assert "_created" not in answer.text


def test_nothing_is_begun_for_those_who_only_count(alone: TestClient, settings: ServiceSettings) -> None:
    assert gauges(alone)["tocsin_service_jobs_running"] == 0
    assert {path.name for path in settings.folder.iterdir()} == set()


def test_the_manual_names_every_route_and_needs_nothing_from_elsewhere(client: TestClient, stocked: Stocked) -> None:
    answer = client.get("/docs")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    for path in stocked.app.openapi()["paths"]:
        assert f"<code>{path}</code>" in answer.text
    for sign in ("<script", "src=", "http://", "https://", "@import", "url("):
        assert sign not in answer.text.replace("http://testserver", ""), sign
    assert "'http://testserver/v1/me'" in html.unescape(answer.text), "examples ask the service that tells them"
    assert "style-src 'sha256-" in answer.headers["Content-Security-Policy"]


def test_each_route_says_what_it_is_for(stocked: Stocked) -> None:
    for path, item in stocked.app.openapi()["paths"].items():
        for method, operation in item.items():
            assert operation.get("description", "").strip(), (method, path)
            assert operation["tags"], (method, path)


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from references(inner)
    if isinstance(part, list):
        for inner in part:
            yield from references(inner)


def test_the_description_is_whole(stocked: Stocked) -> None:
    told = stocked.app.openapi()
    found = set(references(told))
    assert "#/components/schemas/Problem" in found
    assert {name.removeprefix("#/components/schemas/") for name in found} <= set(told["components"]["schemas"])
    for item in told["paths"].values():
        for operation in item.values():
            if operation.get("security"):
                assert {"401", "403", "429", "503"} <= set(operation["responses"])
            if "requestBody" in operation:
                assert {"408", "413"} <= set(operation["responses"])


def test_the_manual_shows_what_a_description_holds() -> None:
    body = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer", "description": "How <many>."}}}
    operation = {
        "tags": ["things"],
        "description": "Do a thing.\n\nSee ``other``.",
        "security": [{"HTTPBearer": ["operate"]}],
        "parameters": [{"name": "at", "schema": {"enum": ["x", "y"]}, "required": True}],
        "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Body"}}}},
        "responses": {"200": {"description": "Done."}, "404": {"description": "Not Found"}},
    }
    told = page(
        {
            "info": {"version": "1", "summary": ""},
            "paths": {"/things": {"post": operation}},
            "components": {"schemas": {"Body": body}},
        }
    )
    for sign in (
        "Do a thing.", "<code>other</code>", "<code>operate</code>", "&quot;x&quot; | &quot;y&quot;",
        "a *: integer  How &lt;many&gt;.", "404 Not Found", "200 Done.", "curl -X POST",
    ):  # fmt: skip
        assert sign in told, sign


SEALS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ["/healthz", "/docs", "/v1/me", "/v1/none", "/metrics", "/openapi.json"])
def test_browsers_are_told_what_not_to_do(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert {name: headers[name] for name in SEALS} == SEALS
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
    assert ("Cache-Control" in headers) is path.startswith(("/v1", "/metrics"))


def test_a_report_that_somebody_opens_is_a_stranger_to_the_service(client: TestClient, stocked: Stocked) -> None:
    answer = client.get(f"/v1/analyses/{stocked.analysis}/report.html", headers=stocked.bearer("admin"))
    assert answer.status_code == 200
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/", "/v2/me", "/v1", "/v1/me/", "/redoc", "/admin"])
def test_what_is_not_there_is_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path, follow_redirects=False)
    assert answer.status_code in (404, 307)
    if answer.status_code == 404:
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_method_that_is_not_there_is_told_with_those_that_are(client: TestClient, stocked: Stocked) -> None:
    answer = client.patch(f"/v1/analyses/{stocked.analysis}")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "DELETE, GET"


def test_its_folder_is_for_its_owner_alone(alone: TestClient, settings: ServiceSettings) -> None:
    del alone
    assert settings.folder.stat().st_mode & 0o077 == 0


def test_two_services_do_not_know_of_each_other(settings: ServiceSettings, tmp_path: Path) -> None:
    first, second = make_app(settings), make_app(replace(settings, folder=tmp_path / "other"))
    first.state.desk.tokens.create("a", Scope.read)
    assert TestClient(first).get("/v1/me").status_code == 401
    assert TestClient(second).get("/v1/me").status_code == 200
    shutil.rmtree(tmp_path / "other")
