"""The page Analyse a file: from a dropped file to what is taken home, which is what the command line writes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor
from tests.cli.bad_inputs import CASES, FIT, spoiled

from tocsin.training.simulate.environment import Environment

TAKEN = {"Labelled CSV": "-scored.csv", "Incidents": "-incidents.csv", "Report": "-report.html"}
UPLOADS = [name for name, case in CASES.items() if case.content is not None and case.command == FIT]
"""Files of the table of bad inputs that cannot be used whatever is asked of them."""

MAIN = ("binary junk", "text in a number column")
UNLEARNED = ("too few rows for the window", "all rows labelled")
"""Those that can be read, and are too short to learn from."""

RUNG = re.compile(r"rung (\d+) time")


def dropped(visitor: Visitor, path: Path) -> Page:
    page = visitor.open()
    visitor.drop(path)
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible()
    visitor.settled()
    return page


def scored(visitor: Visitor, *, patience_ms: float = 30_000) -> None:
    visitor.press("Score the file")
    expect(visitor.page.get_by_role("heading", name="What rang")).to_be_visible(timeout=patience_ms)
    expect(visitor.page.locator(".js-plotly-plot").first).to_be_visible(timeout=patience_ms)


def test_a_file_is_scored_and_taken_home_byte_for_byte(
    room: Path, artifact: Path, visit: MakeVisitor, shell: Callable[..., int], tmp_path: Path
) -> None:
    visitor = visit()
    dropped(visitor, room)
    scored(visitor)
    visitor.settled()
    visitor.shot("scored")
    assert visitor.barriers() == []
    for name in (room, artifact):
        (tmp_path / name.name).write_bytes(name.read_bytes())
    written = ("-o", "room-scored.csv", "--incidents", "room-incidents.csv", "--report", "room-report.html")
    assert shell("score", "room.tocsin", "room.csv", *written) == 0
    for label, ending in TAKEN.items():
        name, content = visitor.fetched(lambda label=label: visitor.press(label))  # type: ignore[misc]  # called at once
        assert name == f"room{ending}"
        assert content == (tmp_path / name).read_bytes(), label
    _, content = visitor.fetched(lambda: visitor.press("Artifact", exact=True))
    assert content == artifact.read_bytes()


def test_look(room: Path, visit: MakeVisitor) -> None:
    visitor = visit(dark=True)
    page = dropped(visitor, room)
    scored(visitor)
    print(visitor.text())
    print(page.get_by_role("slider").all())
