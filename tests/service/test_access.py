"""Who may do what, asked of every route that the service has: nobody has to remember to add one here."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.routing import BaseRoute, Route
from tests.service.conftest import Stocked

from tocsin.service.access import shown
from tocsin.service.manual_page import needs

OPEN = {("GET", "/healthz"), ("GET", "/readyz")}
"""All that may be asked without a token; the manual and the description tell nothing of what is in a service."""

UNDESCRIBED = {"/docs", "/openapi.json"}
SCOPES = ("read", "operate", "admin")


class Door(NamedTuple):
    """A route as the description has it."""

    method: str
    path: str
    scope: str


def doors(description: Mapping[str, Any]) -> list[Door]:
    return [
        Door(method.upper(), path, needs(operation))
        for path, item in description["paths"].items()
        for method, operation in item.items()
    ]


def routes(inside: Any) -> Iterator[BaseRoute]:
    """Yield every route, however deep in routers."""
    for route in inside.routes:
        if (inner := getattr(route, "original_router", None)) is not None:
            yield from routes(inner)
        else:
            yield route


def filled(path: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)(:\w+)?\}", lambda found: values.get(found[1], "nothing-of-this-name"), path)


@pytest.fixture(scope="module")
def client(stocked: Stocked) -> TestClient:
    return TestClient(stocked.app)


@pytest.fixture(scope="module")
def all_doors(stocked: Stocked) -> list[Door]:
    return doors(stocked.app.openapi())


def test_the_description_has_every_route(stocked: Stocked, all_doors: list[Door]) -> None:
    there = set()
    for route in routes(stocked.app):
        assert isinstance(route, Route | APIRoute), f"{route} is of a kind that this test does not know"
        there |= {(method, re.sub(r":path\}", "}", route.path)) for method in route.methods or () if method != "HEAD"}
    told = {(door.method, door.path) for door in all_doors}
    assert there - told == {("GET", path) for path in UNDESCRIBED}
    assert len(told) > 40


def test_every_route_but_two_says_which_scope_it_needs(all_doors: list[Door]) -> None:
    assert {(door.method, door.path) for door in all_doors if door.scope not in SCOPES} == OPEN


def test_what_changes_something_needs_more_than_read(all_doors: list[Door]) -> None:
    assert [door for door in all_doors if door.method != "GET" and door.scope == "read"] == []


@pytest.mark.parametrize("shown", ["", "tocsin_guessed", "admin", "null", "é" * 40, "x" * 5_000])
def test_without_a_known_token_nobody_gets_in(
    shown: str, client: TestClient, all_doors: list[Door], stocked: Stocked
) -> None:
    headers = [(b"Authorization", f"Bearer {shown}".encode())] if shown else []
    for door in all_doors:
        answer = client.request(door.method, filled(door.path, stocked.values()), headers=headers)
        if (door.method, door.path) in OPEN:
            assert answer.status_code == 200
        else:
            assert answer.status_code == 401, door
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "tocsin token create" in answer.text


@pytest.mark.parametrize("have", SCOPES)
def test_a_token_opens_what_its_scope_allows_and_nothing_else(
    have: str, client: TestClient, all_doors: list[Door], stocked: Stocked
) -> None:
    mine = {**stocked.values(), "version": "none", "id": "none", "name": "none", "device": "none"}
    for door in all_doors:
        if door.path == "/v1/live":
            continue
        answer = client.request(door.method, filled(door.path, mine), headers=stocked.bearer(have))
        allowed = not door.scope or SCOPES.index(have) >= SCOPES.index(door.scope)
        assert (answer.status_code == 403) is not allowed, (door, answer.text)
        assert answer.status_code != 401
        if not allowed:
            assert f"may {have}, and this needs {door.scope}" in answer.text


def test_the_stream_of_verdicts_is_for_readers(stocked: Stocked, client: TestClient) -> None:
    assert {door.scope for door in doors(stocked.app.openapi()) if door.path == "/v1/live"} == {"read"}
    assert client.get("/v1/live", headers=stocked.bearer("")).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Basic {}"},
        {"Authorization": "{}"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer {}x"},
        {"Cookie": "token={}"},
        {"X-Api-Key": "{}"},
    ],
)
def test_tokens_count_in_one_form_alone(headers: dict[str, str], stocked: Stocked, client: TestClient) -> None:
    own = {name: value.format(stocked.tokens["admin"]) for name, value in headers.items()}
    assert client.get("/v1/me", headers=own).status_code == 401


def test_a_token_in_the_address_does_not_count(stocked: Stocked, client: TestClient) -> None:
    for name in ("token", "access_token", "api_key"):
        assert client.get("/v1/me", params={name: stocked.tokens["admin"]}).status_code == 401


def test_the_scheme_is_written_as_one_likes(stocked: Stocked, client: TestClient) -> None:
    secret = stocked.tokens["read"]
    answer = client.get("/v1/me", headers={"Authorization": f"bearer  {secret}"})
    assert answer.json()["name"] == "read"
    assert answer.json()["open"] is False


def test_the_first_of_several_tokens_is_meant() -> None:
    asked = {"headers": [(b"authorization", b"Bearer one"), (b"authorization", b"Bearer two")]}
    assert shown(asked) == "one"


def test_a_damaged_list_of_tokens_lets_nobody_in(stocked: Stocked, client: TestClient) -> None:
    path = stocked.settings.folder / "tokens.json"
    whole = path.read_text("utf-8")
    path.write_text("{", "utf-8")
    try:
        answer = client.get("/v1/me", headers=stocked.bearer("admin"))
        assert answer.status_code == 503
        assert "cannot be read" in answer.json()["detail"]
        assert str(stocked.settings.folder) not in answer.text, "where it lies is nobody's business"
        assert client.get("/v1/me").status_code == 401
        assert client.get("/readyz").status_code == 503
    finally:
        path.write_text(whole, "utf-8")
    assert client.get("/v1/me", headers=stocked.bearer("admin")).status_code == 200
