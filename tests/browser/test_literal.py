"""Whatever a file, a channel, a device or a person is called is shown as it is: nothing of it is taken for a page."""

from __future__ import annotations

from pathlib import Path

import httpx2
import numpy as np
import pytest
from playwright.sync_api import Page, expect
from tests.browser.conftest import MakeVisitor

from tocsin.core.notices import Notice
from tocsin.testing._store_toys import opened, told
from tocsin.testing.servers import Service

CHANNELS = (
    '<img src=x onerror="document.title=1"> <b>t</b>',
    "[x](javascript:alert(1)) **b** `c`",
    "$x^2$ :red[r] _u_ ~~s~~",
    "https://evil.example www.evil.example me@evil.example",
)
DEVICES = ("a -> b <- c -- d >= e :bell: &amp; ==h==", "=1+1|p\\q #h %{y}", "<script>alert(2)</script>")
FILE = "[a](javascript:x) **b** $y$ `z` www.evil.example.csv"
MADE = """() => [...document.querySelectorAll(
  'a[href*=evil], a[href*=javascript], a[href^=mailto], img[src=x], .katex, del, mark, [data-testid=stMain] script'
)].map(element => element.outerHTML)"""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


@pytest.fixture
def readings(tmp_path: Path) -> Path:
    """Three devices of four channels, each of which leaps for a while."""
    random = np.random.default_rng(0)
    lines = [",".join(["time", "device", *map(quoted, CHANNELS)])]
    for minute in range(200):
        for device in DEVICES:
            values = random.normal(20, 1, len(CHANNELS)) + 40 * (150 <= minute < 160)
            cells = ",".join(f"{value:.3f}" for value in values)
            lines.append(f"2024-01-01T{minute // 60:02}:{minute % 60:02}:00Z,{quoted(device)},{cells}")
    path = tmp_path / "named.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def shows(page: Page, *names: str) -> None:
    """Check that a page has made nothing of what it shows, and shows these names."""
    assert page.evaluate(MADE) == []
    text = page.evaluate("document.body.innerText").replace("\u2060", "")
    for name in names:
        assert name in text, name


@pytest.mark.slow
def test_names_are_shown_letter_by_letter(service: Service, readings: Path, visit: MakeVisitor) -> None:
    visitor = visit()
    page = visitor.open()
    visitor.drop({"name": FILE, "mimeType": "text/csv", "buffer": readings.read_bytes()})
    expect(page.get_by_role("heading", name="What is in it")).to_be_visible()
    visitor.settled()
    page.get_by_text("What each column was taken for").first.click()
    expect(page.get_by_text("=1+1|p\\q").first).to_be_visible()
    shows(page, *CHANNELS, *DEVICES, FILE)
    when = 1_700_000_000 * 10**9
    with opened(service.store) as store:
        about = [("open", "anomaly", "", device, when, when, when, when, True, 3.0, 2.0, "major") for device in DEVICES]
        told(store, *(Notice(f"e{k}", 0, *one, ((CHANNELS[k], 1.0),)) for k, one in enumerate(about)))  # type: ignore[arg-type]  # a literal
    with httpx2.Client(base_url=service.url, trust_env=False) as client:
        said = {"label": CHANNELS[0], "by": CHANNELS[1], "note": CHANNELS[3]}
        client.post("/v1/incidents/e0/label", json=said).raise_for_status()
    visitor.open("live")
    for name in (DEVICES[1], DEVICES[2]):
        visitor.says(name)
    shows(page)
    visitor.shot("live")
