"""``tocsin explain``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Shell = Callable[..., tuple[int, str, str]]


def test_it_tells_the_verdict_the_channels_and_what_is_usual(shell: Shell, artifact: Path, room: Path) -> None:
    code, out, err = shell("explain", artifact, room)
    assert (code, err) == (0, "")
    assert "is anomalous: its score" in out
    assert "times the limit" in out
    assert "Share of the score, by the detector's own shares" in out
    for told in ("channel", "measured", "usual", "temperature", "air_quality"):
        assert told in out


def test_json_and_picture_tell_of_the_same_reading(shell: Shell, artifact: Path, room: Path, tmp_path: Path) -> None:
    code, out, _ = shell("explain", artifact, room, "--json", "-o", "why.png")
    assert code == 0
    told = json.loads(out)
    assert told["anomaly"] is True
    assert told["channels"][0]["channel"] == "temperature"
    assert (tmp_path / "why.png").read_bytes().startswith(b"\x89PNG")
    again = json.loads(shell("explain", artifact, room, "--at", told["time"], "--json")[1])
    assert again["channels"] == told["channels"]


@pytest.mark.parametrize("method", ["gradients", "shap"])
def test_other_methods_take_the_rise_apart(method: str, shell: Shell, artifact: Path, room: Path) -> None:
    code, out, _ = shell("explain", artifact, room, "--method", method, "-o", "why.svg")
    assert code == 0
    assert "Share of the rise, by" in out
    assert "→ why.svg" in out


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--at", "1999-01-01"), "There is no reading at 1999-01-01: they go from"),
        (("--device", "pump-1"), "These readings name no devices."),
        (("--incident", "f00"), "These readings have no incident 'f00'."),
        (("-o", "why.pdf"), "why.pdf is no name of a picture. Let it end in .png or .svg."),
        (("-o", "nowhere/why.png"), "There is no folder nowhere"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(
    options: tuple[str, ...], told: str, shell: Shell, artifact: Path, room: Path
) -> None:
    code, out, err = shell("explain", artifact, room, *options)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err
