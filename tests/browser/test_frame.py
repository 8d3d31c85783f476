"""Every page as a visitor finds it: it opens at once, in light and dark, on a desk and a phone, with no barrier."""

from __future__ import annotations

import time
from itertools import product

import pytest
from playwright.sync_api import expect
from tests.browser.conftest import MakeVisitor
from tests.browser.visitor import HEADINGS, within

SIZES = {"desk": (1280, 900), "phone": (390, 844), "wall": (1920, 1080)}
LOOKS = [(size, dark) for size in SIZES for dark in (False, True)]
"""Screens, and whether it is dark."""

FIRST = {("analyse", "desk", False), ("live", "phone", True), ("trust", "desk", True), ("shelf", "phone", False)}
"""Each page in one look, each look in one page; the others in test-all."""

PAGES = [
    pytest.param(name, *look, marks=() if (name, *look) in FIRST else pytest.mark.slow)
    for name, look in product(HEADINGS, LOOKS)
]
FIRST_PAINT_S = 3.0


@pytest.mark.parametrize(("name", "size", "dark"), PAGES)
def test_a_page_opens_without_barriers(name: str, size: str, dark: bool, visit: MakeVisitor) -> None:
    width, height = SIZES[size]
    visitor = visit(dark=dark, width=width, height=height)
    page = visitor.open(name)
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[name])
    visitor.shot("open")
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "it is wider than the screen"
    assert page.locator("html").get_attribute("lang") == "en"
    assert visitor.barriers() == []


def test_the_first_paint_is_prompt(visit: MakeVisitor) -> None:
    visit().open()
    began = time.monotonic()
    page = visit().open()
    took = time.monotonic() - began
    expect(page.locator("[data-testid=stFileUploaderDropzone]").first).to_be_visible()
    assert took < within(FIRST_PAINT_S), f"{took:.1f} s"
