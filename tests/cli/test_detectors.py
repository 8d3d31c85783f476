"""``tocsin detectors``."""

from __future__ import annotations

import json
from collections.abc import Callable

Shell = Callable[..., tuple[int, str, str]]


def test_one_line_each(shell: Shell) -> None:
    code, out, err = shell("detectors")
    assert (code, err) == (0, "")
    lines = dict(line.split(maxsplit=1) for line in out.splitlines())
    assert {"isolation_forest", "lstm_autoencoder", "rolling_zscore"} <= set(lines)
    assert lines["rolling_zscore"].startswith("Rolling z-score: ")


def test_json_says_the_same(shell: Shell) -> None:
    told = json.loads(shell("detectors", "--json")[1])
    assert told == dict(line.split(maxsplit=1) for line in shell("detectors")[1].splitlines())
