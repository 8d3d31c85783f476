"""Takes the pictures of the dashboard for the docs from the running pages, on simulated readings: ``make pages``."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from playwright.sync_api import Page, ViewportSize, expect, sync_playwright

from tocsin.store import open_store
from tocsin.testing._store_toys import told
from tocsin.testing.servers import Pages, Service
from tocsin.testing.told_fleet import SECOND, ToldFleet
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

HERE = Path(__file__).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 60_000
SIZE = ViewportSize(width=1280, height=960)


@contextmanager
def browsed(*, dark: bool = False) -> Iterator[Page]:
    """Yield a page of a browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        sys.exit("There is neither Chromium nor Chrome to take pictures with.")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page(viewport=SIZE, color_scheme="dark" if dark else "light", reduced_motion="reduce")
        page.set_default_timeout(PATIENCE_MS)
        yield page
        browser.close()


def readings(folder: Path) -> Path:
    """Write a room, of which the artifacts learn the first four weeks."""
    Environment(seed=7).table().write_csv(folder / "env.csv")
    Environment(rows=4032, seed=7).table().write_csv(folder / "past.csv")
    return folder / "env.csv"


def shelve(service: Service, folder: Path) -> None:
    """Put two versions of an artifact on the shelf; the newer one comes into force."""
    for number, settings in enumerate(({"epochs": 4}, {"epochs": 12}), 1):
        recipe = Recipe(detector="autoencoder", settings=settings, threshold="percentile:99.9", raise_after=3)
        fit(folder / "past.csv", recipe).save(folder / f"{number}.tocsin")
        body = (folder / f"{number}.tocsin").read_bytes()
        note = ("begun with", "learned three times as long")[number - 1]
        httpx2.post(f"{service.url}/v1/artifacts/env", params={"note": note}, content=body).raise_for_status()
    httpx2.post(f"{service.url}/v1/artifacts/env/2/activate").raise_for_status()


def tell(service: Service) -> None:
    """Tell the last ten minutes of a fleet, and an incident of it, as a watch does."""
    fleet, now = ToldFleet(devices=24), time.time_ns()
    store = open_store(service.store)
    told(store, fleet.incident(now - 300 * SECOND))
    store.close()
    for ago in range(600, 0, -10):
        document = fleet.document(now - ago * SECOND, seconds=10.0)
        httpx2.post(f"{service.url}/v1/frames", json=document).raise_for_status()


def photograph(page: Page, name: str, *, tall: int) -> None:
    """Keep the top of the page as it is now."""
    page.set_viewport_size({"width": SIZE["width"], "height": tall})
    page.wait_for_timeout(1500)
    page.screenshot(path=HERE / f"{name}.png")
    page.set_viewport_size(SIZE)
    print(f"{name}.png")


def analyse(page: Page, address: str, file: Path) -> None:
    """Drop the room on the page, and have it scored."""
    page.goto(address)
    page.locator("[data-testid=stFileUploaderDropzoneInput]").first.set_input_files(file)
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("heading", name="What rang").scroll_into_view_if_needed()
    photograph(page, "dashboard", tall=1900)


def trust(page: Page) -> None:
    """Ask how good the artifact is on the same file."""
    page.get_by_role("link", name="Compare and trust").click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible(timeout=PATIENCE_MS)
    photograph(page, "trust-page", tall=1300)


def watch(page: Page, address: str, service: Service) -> None:
    """Look at a fleet that is being told of, and at its worst device."""
    page.goto(f"{address}/live?device=room-1")
    tell(service)
    expect(page.locator(".incident").first).to_be_visible(timeout=PATIENCE_MS)
    photograph(page, "live-page", tall=1500)


def main() -> None:
    """Take all pictures."""
    with tempfile.TemporaryDirectory() as scratch, Service() as service, Pages(service.url) as pages:
        folder = Path(scratch)
        file = readings(folder)
        shelve(service, folder)
        with browsed() as page:
            analyse(page, pages.url, file)
            trust(page)
            page.goto(f"{pages.url}/shelf")
            expect(page.get_by_text("Version 2 is in force.")).to_be_visible()
            photograph(page, "artifacts-page", tall=1250)
        with browsed(dark=True) as page:
            watch(page, pages.url, service)


if __name__ == "__main__":
    main()
