"""``tocsin inspect``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tocsin.engine.scorer import Scorer

Shell = Callable[..., tuple[int, str, str]]


def test_tells_what_it_is_and_where_it_comes_from(shell: Shell, artifact: Path) -> None:
    code, out, err = shell("inspect", artifact)
    assert (code, err) == (0, "")
    for text in ("temperature, humidity", "12 readings", "rolling_zscore", "fixed:3.5", "600 readings of 1 device"):
        assert text in out


def test_json_is_the_manifest(shell: Shell, artifact: Path, scorer: Scorer) -> None:
    told = json.loads(shell("inspect", artifact, "--json")[1])
    assert told["window"] == 12
    assert told["calibration"]["limits"] == {"limit": 3.5}
    assert told["provenance"]["fingerprint"] == scorer.artifact.provenance.fingerprint
    assert [channel["name"] for channel in told["channels"]] == list(scorer.artifact.schema.names)
