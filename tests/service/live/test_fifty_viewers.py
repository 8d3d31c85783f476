"""Fifty who look on at a thousand readings a second, against a service in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from tocsin.testing._server import free_port
from tocsin.testing.live_listener import LiveListener
from tocsin.testing.told_fleet import ToldFleet, push

VIEWERS = 50
FLEET = ToldFleet(devices=250)
"""A reading of each four times a second."""
LASTING_S = 60.0


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[psutil.Process, str]]:
    port = free_port()
    words = [
        "serve",
        "--port",
        str(port),
        "--folder",
        str(tmp_path / "service"),
        "--store",
        f"sqlite:///{tmp_path}/t.db",
    ]
    with subprocess.Popen([sys.executable, "-m", "tocsin.cli", *words], stderr=subprocess.DEVNULL) as service:
        try:
            _await(port)
            yield psutil.Process(service.pid), f"http://127.0.0.1:{port}"
        finally:
            service.terminate()


def _await(port: int) -> None:
    for _ in range(300):
        try:
            LiveListener(f"http://127.0.0.1:{port}").close()
        except ConnectionError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the service did not start")


@pytest.mark.slow
def test_the_lag_of_fifty_viewers_does_not_grow(
    process: tuple[psutil.Process, str], record_property: Callable[[str, object], None]
) -> None:
    service, url = process
    listeners = [LiveListener(url) for _ in range(VIEWERS)]
    pushing = threading.Thread(target=push, args=(url, FLEET), kwargs={"lasting_s": LASTING_S})
    before = service.cpu_times()
    pushing.start()
    pushing.join()
    after = service.cpu_times()
    time.sleep(1.0)
    lags = np.array([[one.lag_s or 0.0 for one in listener.named("verdicts")[-200:]] for listener in listeners])
    for listener in listeners:
        listener.close()
        assert not listener.named("skipped")
    share = (after.user + after.system - before.user - before.system) / LASTING_S
    early, late = (np.quantile(part, [0.5, 0.99]) for part in (lags[:, :40], lags[:, -40:]))
    record_property("lag in s, median and 99th percentile, first and last ten seconds", [*early, *late])
    record_property("share of a core", share)
    assert late[0] < early[0] + 0.25
    assert late[1] < 2.0
    assert share < 0.5
    assert all(len(listener.named("verdicts")) > LASTING_S * 3 for listener in listeners)
