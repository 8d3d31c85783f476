"""The page of an evaluation: complete in itself, whatever was judged, and harmless, whatever things are called."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tocsin.evaluation.judgement import judge
from tocsin.evaluation.outcome import Outcome
from tocsin.evaluation.pages.eval_report import Evaluation, render, write
from tocsin.evaluation.scored_file import Read

MakeOutcome = Callable[..., Outcome]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Tags(HTMLParser):
    """Which elements are open, to see that each is closed."""

    EMPTY = frozenset(("meta", "link", "br", "path", "rect"))

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del tag, attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def page(outcome: Outcome, *, flagged: bool = True, policy: bool = True, names: tuple[str, ...] = ("-",)) -> str:
    found = judge(outcome, intervals=True, flagged=flagged)
    read = Read(outcome, flagged, policy, ("A note.",))
    return render(Evaluation("pump.csv", read, found, facts={"label": "label"}, devices=names))


@pytest.fixture
def judged(outcome: MakeOutcome) -> Outcome:
    random = np.random.default_rng(3)
    labels = ("." * 90 + "#" * 10) * 12
    score = random.lognormal(size=1200) * np.where([mark == "#" for mark in labels], 3, 1)
    found = outcome(labels, score=score)
    kind = np.where(found.labels, np.where(np.arange(1200) < 600, "spike", "drift"), "")
    return replace(found, anomaly=score > 4, told=score > 8, limit=np.full(1200, 4.0), kind=kind)


def test_the_page_is_complete_in_itself_and_well_formed(judged: Outcome) -> None:
    html = page(judged)
    tags = Tags(html)
    assert tags.open == []
    assert not re.search(r"""(src|href)=["'](?!data:)""", html)
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "$" not in "".join(tags.words).replace("${", "")


def test_it_tells_figures_meanings_intervals_and_curves(judged: Outcome) -> None:
    html = page(judged)
    assert re.search(r"<h1>\d+ of 12 labelled events told, [\d.]+ false alarms a day</h1>", html)
    for words in ("VUS-PR", "inflated", "random flags reach", "spike", "drift", "ROC curve", "Delays", "A note."):
        assert words in html
    assert html.count('class="whisker"') >= 10
    assert html.count('class="here"') == 2


def test_without_flags_it_tells_of_scores_alone(judged: Outcome) -> None:
    quiet = np.zeros(1200, bool)
    html = page(replace(judged, anomaly=quiet, told=quiet, limit=np.full(1200, np.nan)), flagged=False, policy=False)
    assert "<h1>VUS-PR 0." in html
    assert "Event recall" not in html
    assert "How late" not in html
    assert 'class="here"' not in html
    assert 'class="limit"' not in html


def test_names_are_harmless(judged: Outcome) -> None:
    evil = "</style><script>alert(1)</script>"
    two = replace(judged, device=np.repeat([0, 1], 600), kind=np.where(judged.labels, evil, ""))
    html = page(two, names=(evil, "pump-2"))
    assert html.count("<script>") == 1
    assert "&lt;script&gt;alert(1)" in html
    assert "<bdi>pump-2</bdi>" in html


def test_many_devices_are_cut_and_counted(outcome: MakeOutcome) -> None:
    labels = ("." * 40 + "#" * 10) * 9
    many = outcome(labels, labels, device=np.repeat(np.arange(9), 50))
    assert "3 more devices are not drawn" in page(many, names=tuple(f"pump-{k}" for k in range(9)))


@pytest.mark.parametrize("row_clock", [False, True])
@pytest.mark.parametrize("flags", ["..", ".#", "#.", "?#", "##"])
def test_two_readings_make_a_page(outcome: MakeOutcome, flags: str, row_clock: bool) -> None:
    assert Tags(page(replace(outcome(".#", flags), row_clock=row_clock))).open == []


def test_long_series_make_a_light_page(outcome: MakeOutcome) -> None:
    labels = ("." * 990 + "#" * 10) * 100
    score = np.random.default_rng(0).normal(size=100_000)
    long = replace(outcome(labels, score=score), anomaly=score > 3)
    found = judge(long)
    html = render(Evaluation("long.csv", Read(long, True, True, ()), found))
    assert len(html) < 500_000


@pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome to open the page with")
def test_a_browser_complains_of_nothing_and_nothing_sticks_out(judged: Outcome, tmp_path: Path) -> None:
    assert BROWSER is not None
    path = tmp_path / "eval.html"
    probe = "<script>document.title = String(document.documentElement.scrollWidth <= innerWidth);</script></body>"
    found = judge(judged, intervals=True)
    write(path, Evaluation("pump.csv", Read(judged, True, True, ()), found))
    path.write_text(path.read_text("utf-8").replace("</body>", probe), "utf-8")
    command = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--window-size=500,900",
    ]
    command += [f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", path.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert [text for text in done.stderr.splitlines() if "CONSOLE" in text] == []
    assert "<title>true</title>" in done.stdout
