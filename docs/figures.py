"""Runs the demo and writes its figures into the README, and its pictures beside the docs: ``make figures``.

The figures change when a default does; a slow test finds them out of date.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path
from textwrap import fill

import tocsin
from tocsin.cli._app import app
from tocsin.engine.reporting import metrics_of, recall_of
from tocsin.engine.scored import Scored
from tocsin.sources import open_table

WIDTH = 128
HERE = Path(__file__).parent
README = HERE.parent / "README.md"
BLOCK = re.compile(r"(?<=<!-- demo -->\n).*?(?=<!-- /demo -->)", re.DOTALL)


def figures(demo: Path) -> str:
    """Return what the README says of the demo in the folder ``demo``."""
    scorer = tocsin.load(demo / "env.tocsin")
    scored = scorer.judge(open_table(demo / "env.csv", expect=scorer.artifact.layout))
    metrics, caught, events = metrics_of(scored), Counter[str](), Counter[str]()
    assert metrics is not None
    for row in recall_of(scored) or ():
        caught[row.kind] += row.caught
        events[row.kind] += row.events
    rows = "".join(f"| {kind} | {caught[kind]} of {events[kind]} |\n" for kind in sorted(events))
    told = (
        f"It told {len(scored.incidents)} incidents in 46 days, {_false(scored)} of them where no row is labelled. Row "
        f"by row that is a precision of {metrics.precision:.2f} at a recall of {metrics.recall:.2f}."
    )
    return f"| events | caught |\n|---|---|\n{rows}\n{fill(told, WIDTH)}\n"


def _false(scored: Scored) -> int:
    time, labels = scored.table.readings.time, scored.table.labels
    assert labels is not None
    marked = time[labels]
    return sum(not ((i.start <= marked) & (marked <= i.end)).any() for i in scored.incidents)


def _photograph(report: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        print("no Chromium or Chrome: docs/report.png stays as it is")
        return
    options = ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--window-size=1200,1150")
    picture = f"--screenshot={HERE / 'report.png'}"
    command = [browser, *options, "--virtual-time-budget=4000", picture, report.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        demo = Path(folder)
        app(["demo", "-o", folder], standalone_mode=False)
        README.write_text(BLOCK.sub(lambda _: figures(demo), README.read_text("utf-8")), "utf-8")
        _photograph(demo / "report.html")
        told = (demo / "env.tocsin", demo / "env.csv", "-o", HERE / "explained.png")
        app(["explain", *map(str, told)], standalone_mode=False)
