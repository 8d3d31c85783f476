"""``tocsin explore``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

Shell = Callable[..., tuple[int, str, str]]


def test_pictures_and_report(shell: Shell, room: Path, tmp_path: Path) -> None:
    code, out, err = shell("explore", room, "-o", "look")
    assert (code, err) == (0, "")
    assert "label: label" in out
    assert "600 readings of 1 device" in out
    for name in ("eda_preview.png", "eda_corr.png"):
        assert (tmp_path / "look" / name).read_bytes().startswith(b"\x89PNG")
    assert json.loads((tmp_path / "look" / "quality.json").read_text())


def test_what_the_readings_are_like_is_told(shell: Shell, tmp_path: Path) -> None:
    rows = "".join(f"{k},{k * k % 97},{2e7 + k / 50},{k // 9 % 2}\n" for k in range(300))
    (tmp_path / "plant.csv").write_text(f"row,speed,kwh,door\n{rows}", "utf-8")
    told = shell("explore", "plant.csv", "--channels", "speed,kwh,door", "-o", "look")[1]
    for line in ("What the readings are like", "counter: kwh", "binary: door"):
        assert line in told
    found = json.loads(shell("explore", "plant.csv", "--channels", "speed,kwh,door", "--json")[1])["profile"]
    assert [channel["kind"] for channel in found["channels"]] == ["real", "counter", "binary"]


def test_json(shell: Shell, room: Path) -> None:
    told = json.loads(shell("explore", room, "--json")[1])
    assert told["layout"]["label"] == "label"
    assert told["quality"]["rows"] == 600


def test_flags_overrule_the_guess(shell: Shell, room: Path) -> None:
    told = json.loads(shell("explore", room, "--json", "--channels", "humidity,light", "--label", "")[1])
    assert [channel["name"] for channel in told["layout"]["channels"]] == ["humidity", "light"]
    assert told["layout"]["label"] is None
