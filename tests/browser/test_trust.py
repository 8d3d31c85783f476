"""The page Compare and trust: what a labelled file says of an artifact, and which faults it would miss."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor

VIEWS = (
    "How good is it?",
    "How strict should the limit be?",
    "Which artifact serves better?",
    "Which faults would I miss?",
)


def scored(visitor: Visitor, room: Path) -> None:
    visitor.open("trust")
    visitor.drop(room)
    visitor.says("room.csv")
    visitor.page.get_by_role("combobox", name="Artifact").click()
    visitor.page.get_by_role("option", name="room", exact=True).click()
    visitor.press("Score it")
    visitor.says("scored with", patience_ms=30_000)
    visitor.settled()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.slow
def test_each_question_is_answered_without_barriers(dark: bool, room: Path, visit: MakeVisitor) -> None:
    visitor = visit(dark=dark)
    scored(visitor, room)
    for number, view in enumerate(VIEWS):
        visitor.page.get_by_role("radio", name=view).click()
        visitor.page.wait_for_timeout(1500)
        visitor.settled()
        visitor.shot(f"view-{number}")
        assert "Traceback" not in visitor.text()
        assert visitor.barriers() == []


@pytest.mark.slow
def test_a_rehearsal_runs_to_its_end(room: Path, visit: MakeVisitor) -> None:
    visitor = visit(width=390, height=844)
    scored(visitor, room)
    page = visitor.page
    page.get_by_role("radio", name="Which faults would I miss?").click()
    page.get_by_text("quick: 10 tries of each").click()
    visitor.press("Rehearse", exact=True)
    expect(page.get_by_role("button", name="Rehearse again")).to_be_visible(timeout=60_000)
    visitor.shot("rehearsed")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert visitor.barriers() == []
