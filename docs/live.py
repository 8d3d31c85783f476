"""Runs the live demo for a while and takes a picture of its view, docs/live.png: ``python docs/live.py``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from io import StringIO
from pathlib import Path

from rich.console import Console

from tocsin.cli._demo_fleet import fleet
from tocsin.cli._demo_live import _assembly, _fresh_store, _publishing, _train
from tocsin.cli._embedded import embedded_broker
from tocsin.cli._live_view import LiveView
from tocsin.cli._pulse import Pulses
from tocsin.cli._watch_summary import title
from tocsin.engine.live.loop import Loop
from tocsin.engine.live.meters import Meters
from tocsin.store import open_store

HERE = Path(__file__).parent
SECONDS = 45


def view_of(folder: Path) -> str:
    """Return the live view after some seconds of the demo, as SVG."""
    past, ahead, _ = fleet(7)
    _train(past, folder)
    with embedded_broker() as broker:
        assembly = _assembly(folder, broker, store=_fresh_store(folder), service="")
        store, meters, stop = open_store(assembly.plan.store.url), Meters(), threading.Event()
        loop = Loop(assembly.feeds(store, meters, fresh=False), assembly.sinks, store, meters=meters)
        running = threading.Thread(target=loop.run, args=(stop,))
        view = LiveView(title(assembly), Pulses(meters, sinks=tuple(assembly.sinks)), store)
        running.start()
        with _publishing(ahead, broker, began=time.time_ns() + 2 * 10**9):
            for _ in range(SECONDS):
                time.sleep(1)
                view.look()
        stop.set()
        running.join()
        shown = Console(record=True, width=104, height=24, file=StringIO(), force_terminal=True)
        shown.print(view)
        store.close()
    return shown.export_svg(title="tocsin demo --live")


def photograph(svg: str, picture: Path) -> None:
    """Write an SVG as a PNG, by a browser."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if browser is None:
        sys.exit("There is neither Chromium nor Chrome to take a picture with.")
    _, _, width, height = (float(n) for n in re.findall(r'viewBox="([^"]+)"', svg)[0].split())
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "view.html")
        page.write_text(f"<body style='margin:0'>{svg.replace('<svg', f'<svg width={width:.0f}', 1)}</body>", "utf-8")
        size = f"--window-size={width:.0f},{height:.0f}"
        options = ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--default-background-color=00000000", size)
        command = [browser, *options, f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        photograph(view_of(Path(scratch)), HERE / "live.png")
