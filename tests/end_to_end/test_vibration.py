"""The example of a bearing tells when it is pitted, which bearing it is, and rings for nothing before."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "bearing_vibration.py"


def test_a_bearing_is_heard_to_wear_out(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", EXAMPLE],
        cwd=tmp_path,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = re.findall(r"after +(\d+) h +([\d.]+) times the limit +(\d+)%", done.stdout)
    assert [int(hours) for hours, *_ in found] == list(range(1, 13))
    severity = [float(each) for _, each, _ in found]
    above = [int(each) for *_, each in found]
    assert max(above[:7]) <= 5  # the pit begins after 7 hours
    assert above[-3:] == [100] * 3
    assert severity[-3] < severity[-2] < severity[-1]
    assert severity[-1] > 10
    blamed = re.search(r"(\d+)% of those blame bearing 1 most", done.stdout)
    assert blamed
    assert int(blamed[1]) > 90
