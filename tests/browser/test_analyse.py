"""The page Analyse a file: from a dropped file to what is taken home, which is what the command line writes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import Visitor, within
from tests.cli.bad_inputs import CASES, FIT, PLAIN, SCORE

from tocsin.engine.scorer import Scorer
from tocsin.testing.servers import Service
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

TAKEN = {"Labelled CSV": "-scored.csv", "Incidents": "-incidents.csv", "Report": "-report.html"}
UPLOADS = [name for name, case in CASES.items() if case.content is not None and case.command == FIT]
"""Files of the table of bad inputs that cannot be used whatever is asked of them."""

MAIN = ("binary junk", "text in a number column")
UNSCORED = [name for name, case in CASES.items() if case.content is not None and case.command == SCORE]
"""Files that an artifact cannot be asked about."""

UNLEARNED = ("too few rows for the window", "all rows labelled")
"""Those that can be read, and are too short to learn from."""

RUNG = re.compile(r"would (?:never have rung|have rung (?:once|(\d+) times))")


def dropped(visitor: Visitor, path: Path) -> Page:
    page = visitor.open()
    visitor.drop(path)
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible()
    visitor.settled()
    return page


def scored(visitor: Visitor, *, patience_ms: float = 30_000) -> None:
    """Have the file scored: at once where one artifact fits, by a press where several do."""
    rang, press = visitor.page.get_by_role("heading", name="What rang"), "Score the file"
    expect(rang.or_(visitor.page.get_by_role("button", name=press))).to_be_visible(timeout=patience_ms)
    if not rang.is_visible():
        visitor.press(press)
    expect(rang).to_be_visible(timeout=patience_ms)
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
        taken, content = visitor.fetched(lambda label=label: visitor.press(label))  # type: ignore[misc]  # called at once
        assert taken == f"room{ending}"
        assert content == (tmp_path / taken).read_bytes(), label
    _, content = visitor.fetched(lambda: visitor.press("Artifact", exact=True))
    assert content == artifact.read_bytes()


def test_the_limit_is_moved_and_at_once_it_is_told_what_would_have_rung(room: Path, visit: MakeVisitor) -> None:
    visitor = visit(dark=True, width=390, height=844)
    page = dropped(visitor, room)
    scored(visitor)
    before = rung(page)
    handle = page.get_by_role("slider")
    handle.focus()
    began = time.monotonic()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text(RUNG).first).not_to_contain_text(f"rung {before} times")
    took = time.monotonic() - began
    assert rung(page) < before
    assert took < within(3.0), f"{took:.1f} s"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    visitor.settled()
    visitor.shot("moved")
    assert visitor.barriers() == []


def rung(page: Page) -> int:
    """Return how often it would have rung, as the page says."""
    found = RUNG.search(page.get_by_text(RUNG).first.inner_text())
    assert found is not None
    return int(found[1] or "once" in found[0])


def test_an_artifact_is_trained_from_the_page(room: Path, service: Service, visit: MakeVisitor) -> None:
    visitor = visit()
    dropped(visitor, room)
    trained(visitor, "trained-here", "rolling z-score")
    expect(visitor.page.get_by_role("heading", name="What rang")).to_be_visible(timeout=60_000)
    visitor.says("Scored with trained-here, version 1 (rolling_zscore).")
    assert service.artifacts.joinpath("trained-here", "active.tocsin").exists()
    visitor.shot("trained")


def trained(visitor: Visitor, name: str, detector: str) -> None:
    """Have the page train an artifact on the file."""
    page = visitor.page
    visitor.settled()
    if (others := page.get_by_text("Score it with another, or train one")).is_visible():
        others.click()
    page.get_by_role("radio", name="Train on this file").click()
    page.get_by_label("Name of the artifact").fill(name)
    page.get_by_label("Detector").click()
    page.get_by_role("option", name=detector).click()
    visitor.press("Train now")


def test_a_file_that_cannot_be_used_is_told_in_a_sentence(visit: MakeVisitor, tmp_path: Path) -> None:
    refused(MAIN[0], visit(), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in UPLOADS if name not in UNLEARNED])
def test_each_file_that_cannot_be_used_is_told_in_a_sentence(name: str, visit: MakeVisitor, tmp_path: Path) -> None:
    refused(name, visit(), tmp_path)


def refused(name: str, visitor: Visitor, folder: Path) -> None:
    """Drop a file of the table of bad inputs; the page says what the command line says."""
    dropped(visitor, bad(name, folder))
    visitor.shot("refused")
    said, remedy = visitor.text(), "\n\nWhat to do: "
    assert remedy in said or "A click puts it right:" in said
    assert CASES[name].message in said.replace(remedy, " ")
    assert " --" not in said, "options of the command line mean nothing here"
    assert "Traceback" not in said
    assert visitor.barriers() == []


def bad(name: str, folder: Path) -> Path:
    """Write a file of the table."""
    content = CASES[name].content
    path = folder / "bad.csv"
    path.write_bytes(content if isinstance(content, bytes) else str(content).encode())
    return path


@pytest.fixture(scope="module")
def of_table(service: Service, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an artifact that has learned from the table of bad inputs while it was good."""
    path = tmp_path_factory.mktemp("table") / "good.csv"
    path.write_text(PLAIN, "utf-8")
    scorer: Scorer = fit(path, Recipe(detector="rolling_zscore", window=5))
    scorer.save(path.with_suffix(".tocsin"))
    content = path.with_suffix(".tocsin").read_bytes()
    assert httpx2.post(f"{service.url}/v1/artifacts/table", content=content, trust_env=False).status_code == 201
    return "table"


@pytest.mark.slow
@pytest.mark.parametrize("name", UNSCORED)
def test_each_file_that_cannot_be_scored_is_told_in_a_sentence(
    name: str, of_table: str, visit: MakeVisitor, tmp_path: Path
) -> None:
    visitor = visit()
    page = dropped(visitor, bad(name, tmp_path))
    visitor.settled()
    # one that fits is taken without a question
    if page.get_by_label("Artifact", exact=True).is_visible():
        page.get_by_label("Artifact", exact=True).click()
        page.get_by_role("option", name=of_table).click()
        visitor.press("Score the file")
    visitor.says(CASES[name].message)
    visitor.settled()
    visitor.shot("unscored")
    assert " --" not in visitor.text()
    assert visitor.barriers() == []


@pytest.mark.slow
@pytest.mark.parametrize("name", UNLEARNED)
def test_a_file_that_is_too_short_to_learn_from(name: str, visit: MakeVisitor, tmp_path: Path) -> None:
    visitor = visit()
    dropped(visitor, bad(name, tmp_path))
    trained(visitor, "short", "rolling z-score")
    visitor.says(CASES[name].message, patience_ms=60_000)
    visitor.shot("too-short")


REAL = (
    "skab/data/valve1/6.csv",
    "occupancy/datatest.txt",
    "airquality_uci/AirQuality.csv",
    "ai4i2020/ai4i2020.csv",
    "wsn_singlehop/data/data.csv",
)
"""Real files of five makers: semicolons, decimal commas, row numbers, labels, no time at all."""


@pytest.mark.slow
@pytest.mark.parametrize("name", REAL)
def test_a_real_file_is_understood_trained_and_scored(name: str, shared_data: Path, visit: MakeVisitor) -> None:
    visitor = visit()
    dropped(visitor, shared_data / name)
    visitor.shot("read")
    trained(visitor, re.sub(r"\W", "-", name), "rolling z-score")
    expect(visitor.page.get_by_role("heading", name="What rang")).to_be_visible(timeout=90_000)
    visitor.settled()
    visitor.shot("scored")
    assert visitor.barriers() == []


def until_drawn(visitor: Visitor, path: Path, *, patience_s: float) -> float:
    """Return the seconds from the drop of a file on a page that stands still to its picture."""
    visitor.open()
    visitor.settled()
    began = time.monotonic()
    visitor.drop(path)
    scored(visitor, patience_ms=1000 * patience_s)
    expect(visitor.page.locator(".js-plotly-plot").first).to_be_visible(timeout=1000 * patience_s)
    return time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "least_s"), [(6_558, 3.0), (1_000_000, 20.0)])
def test_the_picture_comes_promptly(rows: int, least_s: float, visit: MakeVisitor, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    Environment(rows=rows, seed=5).table().write_csv(path)
    until_drawn(visit(), path, patience_s=60)
    visitor = visit()
    took = until_drawn(visitor, path, patience_s=60)
    visitor.shot("drawn")
    assert took < within(least_s), f"{took:.1f} s"
