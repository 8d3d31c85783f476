"""A fleet that is simulated on one side of a broker is watched on the other, by one process and by several."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.store import open_store
from tocsin.testing.live_watch import LiveWatch
from tocsin.testing.servers import Mosquitto

DEVICES, ROWS = 6, 150
PATIENCE_S = 90.0


@pytest.fixture
def folder(tmp_path: Path, artifact: Path) -> Path:
    (tmp_path / "room.tocsin").write_bytes(artifact.read_bytes())
    return tmp_path


def publish(broker: Mosquitto, topic: str) -> None:
    url = f"{broker.url}/{topic}/{{device}}/env"
    options = ["--devices", str(DEVICES), "--rows", str(ROWS), "--publish", url, "--speed", "0", "--arrays", "10"]
    command = [sys.executable, "-m", "tocsin.cli", "simulate", "environment", *options]
    subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE_S)


def test_two_workers_share_a_fleet_and_each_reading_is_judged_once(folder: Path, mosquitto: Mosquitto) -> None:
    source = f"{mosquitto.url}/watched-by-two/{{device}}/env"
    given = ("room.tocsin", "--source", source, "--keep", "all", "--stale-after", "never", "--workers", "2")
    workers = [LiveWatch(*given, "--worker", str(k), folder=folder, name=f"worker-{k}") for k in (0, 1)]
    with workers[0] as one, workers[1] as other:
        one.ready(patience_s=PATIENCE_S)
        other.ready(patience_s=PATIENCE_S)
        publish(mosquitto, "watched-by-two")
        judged = "tocsin_readings_total"
        one.until(
            lambda: one.meter(judged) + other.meter(judged) >= DEVICES * ROWS, "all is judged", patience_s=PATIENCE_S
        )
        assert one.meter(judged) > 0 < other.meter(judged)
        for worker in workers:
            worker.stop(patience_s=PATIENCE_S)
            assert "Ended in good order" in worker.log
    store = open_store(f"sqlite:///{folder}/tocsin.db")
    kept = store.verdicts(most=10_000)
    assert len(kept) == DEVICES * ROWS
    assert sorted(kept.devices) == [f"room-{k}" for k in range(1, DEVICES + 1)]
    store.close()
