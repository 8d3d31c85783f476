"""The page beside the live demo: it is there, or the demo says in a line why it is not, and goes on."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from tocsin.cli._demo_page import live_page, show_page
from tocsin.cli._place import Place


def test_the_page_stands_beside_the_demo(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOCSIN_TOKEN", "")
    with live_page(tmp_path, f"sqlite:///{tmp_path / 'live.db'}") as page:
        assert page is not None
        service = show_page(page, artifact, browser=False)
        assert service == page.place.url
        assert Place(service, page.place.token).ask("/v1/artifacts")["artifacts"][0]["name"] == "room"
        assert f"The dashboard is at {page.address}/live" in capsys.readouterr().out


def test_without_the_extra_it_says_so_in_a_line(
    artifact: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "tocsin.cli._dashboard.find_spec", lambda name: None if name == "streamlit" else find_spec(name)
    )
    with live_page(tmp_path, "sqlite://") as page:
        assert show_page(page, artifact, browser=False) == ""
    said = capsys.readouterr().err
    assert said.startswith("There is no page beside it: The dashboard needs streamlit")
    assert said.count("\n") == 1
