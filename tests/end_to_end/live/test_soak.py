"""An hour at half load: memory is flat, nothing is lost, lag is bounded. TOCSIN_SOAK_MINUTES makes it shorter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tocsin.testing.servers import MissingServerError, Mosquitto

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "soak.py"


@pytest.mark.slow
def test_an_hour_at_half_load() -> None:
    try:
        Mosquitto().close()
    except MissingServerError as missing:
        pytest.skip(str(missing))
    minutes = os.environ.get("TOCSIN_SOAK_MINUTES", "60")
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--minutes", minutes], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
