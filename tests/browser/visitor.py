"""Somebody at the dashboard: a page of a real browser that forgives no console error and no call to anywhere else."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

OUTPUT = Path(os.environ.get("TOCSIN_TEST_OUTPUT", Path(__file__).resolve().parents[2] / "test-output")) / "browser"
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}
PATIENCE_MS = 20_000
"""So long a page may take on a busy machine; what must be prompt is measured where it is promised."""

expect.set_options(timeout=PATIENCE_MS)
HEADINGS = {
    "analyse": "Analyse a file",
    "live": "Live",
    "trust": "Compare and trust",
    "shelf": "Artifacts",
}
"""Where a page is, and what it is called."""

AXE_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}

STREAMLITS_OWN: dict[str, re.Pattern[str]] = {}
"""Rules that the DOM of Streamlit itself breaks, and the selectors where it does."""

_PROBES = re.compile(r"/(live|trust|shelf)/_stcore/(health|host-config)$")
"""Where Streamlit's own script looks for its server first, when a page is opened by its own address."""

_LENGTH = "() => document.querySelector('[data-testid=stMain]')?.scrollHeight ?? document.body.scrollHeight"


def within(seconds: float) -> float:
    """Return what a promise of so many seconds comes to on a machine that others use as well."""
    cores = os.cpu_count() or 1
    return seconds * max(1.0, os.getloadavg()[0] / cores)


class Visitor:
    """A page of the dashboard.

    Parameters
    ----------
    page
        Of the browser.
    address
        Where the dashboard is.
    name
        Begins the names of screenshots.
    """

    def __init__(self, page: Page, address: str, name: str) -> None:
        self.page, self.address, self.name = page, address, name
        self.complaints: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"{error}"))
        page.on("requestfailed", self._failed)
        page.on("request", self._asked)
        OUTPUT.mkdir(parents=True, exist_ok=True)

    def open(self, room: str = "analyse", query: str = "") -> Page:
        """Open a page, and wait until it stands still."""
        path = "" if room == "analyse" else room
        self.page.goto(f"{self.address}/{path}{query}", wait_until="commit")
        self.settled()
        return self.page

    def settled(self) -> None:
        """Wait until Streamlit has drawn everything that it was told to."""
        app = self.page.locator("[data-testid=stApp]")
        expect(app).to_have_attribute("data-test-script-state", re.compile("notRunning"))
        expect(self.page.locator("[data-testid=stSkeleton]")).to_have_count(0)
        assert self.page.locator("[data-testid=stException]").count() == 0, self.text()

    def drop(self, *files: Path | dict[str, Any], nth: int = 0) -> None:
        """Drop files on the page, as those who drag them there do."""
        taken = self.page.locator("[data-testid=stFileUploaderDropzoneInput]").nth(nth)
        with self.page.expect_response(lambda answer: "/upload_file/" in answer.url, timeout=PATIENCE_MS):
            taken.set_input_files(list(files) if len(files) > 1 else files[0])  # type: ignore[arg-type]  # or payloads

    def press(self, name: str | re.Pattern[str], *, exact: bool = False) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=name, exact=exact).first.click()

    def says(self, text: str | re.Pattern[str], *, patience_ms: float = PATIENCE_MS) -> Locator:
        """Wait until the page says something; return where."""
        found = self.page.get_by_text(text).first
        expect(found).to_be_visible(timeout=patience_ms)
        return found

    def fetched(self, press: Callable[[], None]) -> tuple[str, bytes]:
        """Return the name and the bytes of what is downloaded by a press."""
        with self.page.expect_download(timeout=PATIENCE_MS) as waiting:
            press()
        return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()

    def text(self) -> str:
        """Return everything that is written on the page."""
        return self.page.locator("body").inner_text()

    def shot(self, what: str) -> Path:
        """Keep a picture of the whole page."""
        path = OUTPUT / f"{self.name}-{what}.png"
        seen = self.page.viewport_size or {"width": 1280, "height": 800}
        tall = int(self.page.evaluate(_LENGTH))
        self.page.set_viewport_size({"width": seen["width"], "height": max(seen["height"], min(tall + 80, 6000))})
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=path)
        self.page.set_viewport_size(seen)
        return path

    def barriers(self) -> list[str]:
        """Return what axe finds to be in the way of people, one line each."""
        found = Axe().run(self.page, options=AXE_RULES).response["violations"]
        return [
            f"{rule['id']} ({rule['impact']}): {node['target']} {node['html'][:160]}"
            for rule in found
            for node in rule["nodes"]
            if not self._known(rule["id"], str(node["target"]))
        ]

    def content(self) -> None:
        """Check that the browser complained of nothing, and that nothing was asked of anybody else."""
        assert self.complaints == [], "\n".join(self.complaints)

    @staticmethod
    def _known(rule: str, target: str) -> bool:
        return rule in STREAMLITS_OWN and STREAMLITS_OWN[rule].search(target) is not None

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _PROBES.search(message.location.get("url", "")):
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        # a page that is left aborts what it was loading
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOOPBACK:
            self.complaints.append(f"asks elsewhere: {request.url}")
