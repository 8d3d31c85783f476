"""The page as a browser sees it: it draws, answers clicks, and complains of nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tocsin.core.schema import Channel, Schema
from tocsin.evaluation.pages.report import Report, render

MakeReport = Callable[..., Report]

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium or Chrome to open the page with")

PROBE = """<script>
setTimeout(() => {
  const pixels = (canvas) => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const painted = (canvas) => pixels(canvas).some((value) => value);
  const { dataset } = document.documentElement;
  dataset.painted = [...document.querySelectorAll("canvas")].filter(painted).length;
  const switched = document.getElementById("expecting"), chart = document.querySelector("#channels canvas");
  // a page that is to be printed is drawn at once, without waiting for a frame that never comes
  const drawn = () => {
    window.dispatchEvent(new Event("beforeprint"));
    const copy = new OffscreenCanvas(chart.width, chart.height).getContext("2d", { willReadFrequently: true });
    copy.drawImage(chart, 0, 0);
    window.dispatchEvent(new Event("afterprint"));
    const seen = copy.getImageData(0, 0, chart.width, chart.height).data;
    return seen.filter((green, k) => k % 4 === 1 && green > seen[k - 1] + 20 && green > seen[k + 1] + 20).length;
  };
  const before = [drawn(), document.getElementById("range").textContent];
  switched.click();
  dataset.expects = !switched.closest("[data-expected]").hidden;
  dataset.switched = before[0] > 5000 && drawn() < 50;
  const row = document.querySelector(".incidents tbody tr");
  if (row) row.click();
  dataset.zoomed = document.getElementById("range").textContent !== before[1];
  dataset.names = document.querySelectorAll("#channels figure").length;
}, 800);
</script></body>"""


FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--run-all-compositor-stages-before-draw",
    "--enable-logging=stderr",
    "--window-size=1200,4000",
    "--virtual-time-budget=4000",
)


def opened(report: Report, folder: Path) -> tuple[dict[str, str], str]:
    """Return what the probe found out, and what the browser complained of."""
    assert BROWSER is not None
    page = folder / "report.html"
    page.write_text(render(report).replace("</body>", PROBE), encoding="utf-8")
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", page.as_uri()]
    for _ in range(4):
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        found = re.search(r"<html([^>]*)>", done.stdout)
        assert found is not None
        told = dict(re.findall(r'data-(\w+)="([^"]*)"', found[1]))
        # on a busy machine the browser may not have come to show a single frame by the end of its time
        if told["painted"] != "0":
            break
    return told, "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def test_the_page_draws_and_zooms_without_complaint(make: MakeReport, tmp_path: Path) -> None:
    found, complaints = opened(make(rows=800, channels=4, devices=2), tmp_path)
    assert complaints == ""
    seen = {"drawn": "yes", "painted": "7", "zoomed": "true", "names": "4"}
    assert found == {**seen, "expects": "false", "switched": "false"}


def test_what_was_expected_is_drawn_until_it_is_switched_off(make: MakeReport, tmp_path: Path) -> None:
    report = make(rows=300, channels=2)
    expected = np.where(np.isfinite(report.values), report.values, 0).astype(np.float32)
    verdicts = replace(report.verdicts, expected=expected)
    found, complaints = opened(replace(report, verdicts=verdicts, band=np.array([4.0, 4.0])), tmp_path)
    assert complaints == ""
    assert (found["expects"], found["switched"]) == ("true", "true")


def test_hostile_names_and_many_channels_draw_too(make: MakeReport, tmp_path: Path) -> None:
    report = make(rows=300, channels=30, row_clock=True)
    channels = (Channel("</script><script>throw 1</script>", "<b>"), *report.schema.channels[1:])
    found, complaints = opened(replace(report, schema=Schema(channels)), tmp_path)
    assert complaints == ""
    assert (found["drawn"], found["names"]) == ("yes", "12")
