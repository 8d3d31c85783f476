"""The page Artifacts: a file is added, put in force once that is confirmed, rolled back, and taken home unchanged."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect
from tests.browser.conftest import MakeVisitor
from tests.cli.bad_inputs import spoiled

from tocsin.testing.servers import Service
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe


@pytest.fixture(scope="module")
def other(room: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another artifact of the room."""
    path = tmp_path_factory.mktemp("other") / "other.tocsin"
    fit(room, Recipe(detector="rolling_zscore", window=24)).save(path)
    return path


def test_an_artifact_comes_goes_into_force_and_back(
    other: Path, artifact: Path, service: Service, visit: MakeVisitor
) -> None:
    added = httpx2.post(f"{service.url}/v1/artifacts/shelf", content=artifact.read_bytes(), trust_env=False)
    assert added.status_code == 201
    visitor = visit(dark=True)
    page = visitor.open("shelf", "?name=shelf")
    page.get_by_text("Add an artifact").click()
    visitor.drop(other)
    page.get_by_label("Name", exact=True).fill("shelf")
    page.get_by_label("Note").fill("a longer look")
    visitor.press("Add it")
    visitor.says("version 2, is here. It is not in force yet")
    visitor.press("Put in force")
    expect(page.get_by_role("dialog")).to_contain_text("version 2 instead of 1")
    expect(page.get_by_role("dialog")).to_contain_text("active.tocsin")
    assert visitor.barriers() == []
    visitor.shot("asks")
    visitor.press("Put version 2 in force")
    visitor.says("Version 2 is in force.")
    assert service.artifacts.joinpath("shelf", "active.tocsin").read_bytes() == other.read_bytes()
    _, content = visitor.fetched(lambda: page.get_by_role("button", name="Download").first.click())
    assert content == other.read_bytes()
    visitor.press("Roll back to version 1")
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    visitor.says("Version 1 is in force.")
    assert service.artifacts.joinpath("shelf", "active.tocsin").read_bytes() == artifact.read_bytes()
    visitor.shot("back")


def test_what_is_no_artifact_is_refused_in_a_sentence(room: Path, visit: MakeVisitor) -> None:
    visitor = visit()
    page = visitor.open("shelf")
    page.get_by_text("Add an artifact").click()
    visitor.drop({"name": "fake.tocsin", "mimeType": "application/octet-stream", "buffer": room.read_bytes()})
    visitor.press("Add it")
    visitor.says("is no tocsin artifact, or is")
    assert "Traceback" not in visitor.text()
    # the browser itself notes each refusal that a page asks for; this one was asked by the page's server
    assert visitor.complaints == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cut", "damaged", "foreign"])
def test_a_damaged_artifact_is_refused_in_a_sentence(
    name: str, artifact: Path, visit: MakeVisitor, tmp_path: Path
) -> None:
    spoiled(artifact.read_bytes(), tmp_path)
    visitor = visit()
    visitor.open("shelf").get_by_text("Add an artifact").click()
    visitor.drop(tmp_path / f"{name}.tocsin")
    visitor.press("Add it")
    visitor.says("is no tocsin artifact")
    visitor.shot("refused")
    assert "Traceback" not in visitor.text()
