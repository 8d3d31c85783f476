"""The page Live beside a real stream over a real broker: it moves, stands still, and takes answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FloatRect, Page, expect
from tests.browser.conftest import MakeVisitor
from tests.browser.streaming import Stream
from tests.browser.visitor import Visitor

from tocsin.store import Recorded, open_store
from tocsin.testing.servers import Mosquitto, Pages, Service

BOXES = "[data-testid=stHeading], [data-testid=stTextInput], .count, .fleet .head, .fleet .row"
"""What must keep its place and size while figures change."""


@pytest.fixture(scope="module")
def stream(mosquitto: Mosquitto, service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stream]:
    with Stream(mosquitto, service, tmp_path_factory.mktemp("stream")) as found:
        yield found


def kept(service: Service, true: Callable[[Recorded], Any], *, patience_s: float = 5.0) -> Recorded:
    """Return the incident in the store of which something is true, as soon as it is."""
    until = time.monotonic() + patience_s
    store = open_store(service.store)
    try:
        while time.monotonic() < until:
            if found := [one for one in store.incidents(most=100) if true(one)]:
                return found[0]
            time.sleep(0.05)
    finally:
        store.close()
    raise AssertionError("the store does not have it")


def boxes(page: Page) -> list[FloatRect | None]:
    return [one.bounding_box() for one in page.locator(BOXES).all()]


def figure(page: Page, name: str) -> Any:
    return page.locator(".count").filter(has_text=name).locator("dd")


def test_a_stream_rings_is_answered_and_calms_down(stream: Stream, service: Service, visit: MakeVisitor) -> None:
    visitor = visit()
    page = visitor.open("live")
    expect(figure(page, "live")).to_have_text("5", timeout=15_000)
    stream.wrong.add("room-3")
    card = page.locator(".incident").filter(has_text="room-3")
    expect(card).to_be_visible(timeout=10_000)
    expect(card).to_contain_text("mainly temperature")
    expect(page.locator(".fleet .body .row").first).to_contain_text("room-3")
    expect(page).to_have_title("(1) Live · tocsin")
    visitor.shot("rings")
    assert visitor.barriers() == []
    answer(visitor, card)
    found = kept(service, lambda one: one.label and one.notice.device == "room-3")
    assert (found.label, found.note, found.acknowledged_by) == ("maintenance", "filter changed", "Ann")
    visitor.shot("answered")
    stream.wrong.clear()
    expect(page.get_by_text("None is open: all is quiet.")).to_be_visible(timeout=15_000)
    expect(page).to_have_title("Live · tocsin")


def answer(visitor: Visitor, card: Any) -> None:
    """Acknowledge the incident, and then label it; what was typed survives that the page moves."""
    page = visitor.page
    card.get_by_role("button", name="Answer").click()
    expect(page.get_by_role("heading", name="What was it on room-3?")).to_be_visible()
    page.get_by_label("Your name").fill("Ann")
    visitor.press("I see to it")
    expect(card).to_contain_text("Ann sees to it")
    expect(page.get_by_role("heading", name="What was it on room-3?")).to_be_hidden()
    card.get_by_role("button", name="Answer").click()
    page.get_by_text("Maintenance", exact=True).click()
    page.get_by_label("Note").press_sequentially("filter ch")
    page.wait_for_timeout(2500)
    expect(page.get_by_label("Note")).to_be_focused()
    page.keyboard.type("anged")
    expect(page.get_by_label("Note")).to_have_value("filter changed")
    visitor.press("Keep this answer")
    visitor.says("Your answer is kept.")
    expect(card).to_contain_text("filter changed")


@pytest.mark.slow
def test_nothing_flickers(stream: Stream, visit: MakeVisitor) -> None:
    page = visit().open("live")
    expect(figure(page, "live")).to_have_text("5", timeout=15_000)
    page.wait_for_timeout(1500)
    before, seen = boxes(page), set[str]()
    assert None not in before
    for _ in range(12):
        page.wait_for_timeout(250)
        assert boxes(page) == before
        seen.add(page.locator(".fleet .body").inner_text())
    assert len(seen) > 1, "it does not move"
    assert stream.watch.running


@pytest.mark.slow
@pytest.mark.parametrize(("dark", "size"), [(True, (390, 844)), (True, (1280, 900)), (False, (390, 844))])
def test_one_device_in_the_dark_and_on_a_phone(
    dark: bool, size: tuple[int, int], stream: Stream, visit: MakeVisitor
) -> None:
    visitor = visit(dark=dark, width=size[0], height=size[1])
    page = visitor.open("live", f"?device={stream.names[1]}")
    expect(page.get_by_role("heading", name="room-1", exact=True)).to_be_visible()
    visitor.says("humidity")
    page.wait_for_timeout(1000)
    visitor.shot("device")
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert visitor.barriers() == []


@pytest.mark.slow
def test_the_wall_screen_is_read_from_afar(stream: Stream, visit: MakeVisitor) -> None:
    visitor = visit(width=1920, height=1080, dark=True)
    page = visitor.open("live", "?wall=1")
    visitor.says(stream.names[0])
    visitor.shot("wall")
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("textbox")).to_have_count(0)
    sizes = page.locator(".count dd").evaluate_all("all => all.map(one => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 48
    assert visitor.barriers() == []
    page.set_viewport_size({"width": 1920, "height": 700})
    stream.wrong.update(stream.names)
    cards = page.locator(".incident")
    expect(cards).to_have_count(5, timeout=15_000)
    shown = cards.filter(visible=True).count()
    visitor.says(f"And {5 - shown} more.")
    inside = page.locator(".incidents").evaluate("list => list.scrollHeight <= list.clientHeight")
    assert inside, "an incident is cut off"
    stream.wrong.clear()
    expect(cards).to_have_count(0, timeout=15_000)


@pytest.mark.slow
def test_a_service_that_goes_away_is_told_and_comes_back(
    chromium: Browser, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    with Service() as service, Pages(service.url) as pages:
        page = chromium.new_context().new_page()
        visitor = Visitor(page, pages.url, request.node.name)
        visitor.open("live")
        service.stop()
        visitor.says("cannot be reached. Away since")
        visitor.shot("away")
        service.start()
        expect(page.get_by_text("Away since")).to_be_hidden(timeout=15_000)
        page.context.close()
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_browser_needs_no_more_memory_as_time_goes(stream: Stream, visit: MakeVisitor) -> None:
    page = visit().open("live", f"?device={stream.names[1]}")
    measure = page.context.new_cdp_session(page)

    def held() -> tuple[float, float]:
        measure.send("HeapProfiler.collectGarbage")
        measure.send("Performance.enable")
        found = {one["name"]: one["value"] for one in measure.send("Performance.getMetrics")["metrics"]}
        return found["JSHeapUsedSize"] / 2**20, found["Nodes"]

    page.wait_for_timeout(20_000)
    before = held()
    page.wait_for_timeout(60_000)
    after = held()
    assert after[0] - before[0] < 3.0, f"{before} to {after} MiB, nodes"
    assert after[1] < before[1] + 500
