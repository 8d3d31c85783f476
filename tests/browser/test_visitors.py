"""Visitors of a service that asks for tokens: nobody sees what is another's, and pages come back with their service."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor

from tocsin.service.tokens import Scope, Tokens
from tocsin.testing.servers import Pages, Service

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tokens(service: Service) -> Tokens:
    return Tokens(service.folder / "service" / "tokens.json")


@pytest.fixture(scope="module")
def service(artifact: Path) -> Iterator[Service]:
    """A service that has the artifact ``room`` in force, and asks for a token."""
    with Service() as server:
        secret = Tokens(server.folder / "service" / "tokens.json").create("owner of all", Scope.admin)
        bearer = {"authorization": f"Bearer {secret}"}
        content = artifact.read_bytes()
        taken = httpx2.post(f"{server.url}/v1/artifacts/room", content=content, headers=bearer, trust_env=False)
        assert taken.status_code == 201, taken.text
        yield server


@pytest.fixture(scope="module")
def pages(service: Service) -> Iterator[Pages]:
    with Pages(service.url) as server:
        yield server


def entered(visitor: Visitor, secret: str, room: str = "analyse") -> None:
    """Open a page, and say who one is."""
    page = visitor.open(room)
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome")
    page.get_by_label("Token", exact=True).fill(secret)
    visitor.press("Enter")


def test_nobody_sees_what_is_anothers(tokens: Tokens, room: Path, visit: MakeVisitor) -> None:
    kim, lee = tokens.create("kim", Scope.operate), tokens.create("lee", Scope.operate)
    first, second = visit(), visit()
    entered(first, kim)
    first.drop(room)
    first.says("room.csv")
    entered(second, "tocsin_guessed")
    expect(second.page.get_by_role("alert")).to_contain_text("token")
    assert second.barriers() == []
    second.shot("refused")
    second.page.get_by_label("Token", exact=True).fill(lee)
    second.press("Enter")
    expect(second.page.locator("[data-testid=stFileUploaderDropzone]").first).to_be_visible()
    second.says("You are here as lee, who may operate.")
    assert second.barriers() == []
    second.shot("entered")
    assert "room.csv" not in second.text()
    for visitor in (first, second):
        kept = visitor.page.content() + visitor.page.url + json.dumps(visitor.page.context.storage_state())
        assert kim not in kept
        assert lee not in kept


def test_a_revoked_token_leads_back_by_itself(tokens: Tokens, visit: MakeVisitor) -> None:
    visitor = visit()
    entered(visitor, tokens.create("gone soon", Scope.read), "live")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Live")
    tokens.revoke("gone soon")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Welcome")
    expect(visitor.page.get_by_role("alert")).to_contain_text("token")


def test_a_visitor_with_a_token_takes_home_and_leaves(tokens: Tokens, artifact: Path, visit: MakeVisitor) -> None:
    visitor = visit()
    entered(visitor, tokens.create("reader", Scope.read), "shelf")
    visitor.says("Version 1 is in force.")
    _, content = visitor.fetched(lambda: visitor.press("Download"))
    assert content == artifact.read_bytes()
    visitor.press("Leave")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Welcome")


def test_a_page_comes_back_with_its_service(service: Service, tokens: Tokens, visit: MakeVisitor) -> None:
    visitor, newcomer = visit(), visit()
    entered(visitor, tokens.create("patient", Scope.read), "shelf")
    visitor.says("Version 1 is in force.")
    service.kill()
    visitor.page.get_by_text("Everything about it").click()
    visitor.says("cannot be reached")
    newcomer.open().get_by_text("cannot be reached").wait_for()
    newcomer.shot("away")
    assert newcomer.barriers() == []
    service.start()
    visitor.says("Version 1 is in force.")
    expect(visitor.page.get_by_text("cannot be reached")).to_have_count(0)
    expect(newcomer.page.get_by_role("heading", level=1)).to_have_text("Welcome")


def test_the_first_page_is_found_by_its_name(visit: MakeVisitor) -> None:
    visitor = visit()
    visitor.page.goto(f"{visitor.address}/analyse?from=elsewhere", wait_until="commit")
    visitor.settled()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Welcome")
    assert visitor.page.url == f"{visitor.address}/?from=elsewhere"
