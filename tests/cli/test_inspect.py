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


def test_a_unit_is_said_once_and_names_cannot_command_the_terminal(shell: Shell, tmp_path: Path) -> None:
    rows = "".join(f"2024-01-01 {k // 60:02}:{k % 60:02}:00,{k % 7},{k % 5}\n" for k in range(300))
    (tmp_path / "plant.csv").write_text(f"time,Temp [°C],flow\x1b[31m\x1b]0;x\x07\n{rows}", "utf-8")
    code, out, err = shell("fit", "plant.csv", "--detector", "rolling_zscore", "--window", "5", "-o", "x.tocsin")
    assert (code, err) == (0, "")
    told = out + shell("inspect", "x.tocsin")[1]
    assert told.count("Temp [°C], flow") == 3
    assert told.count("[°C]") == 3
    assert "\x1b" not in told


def test_kinds_of_channels_are_told_can_be_said_and_are_checked(shell: Shell, tmp_path: Path) -> None:
    rows = "".join(f"{k},{k * k % 97},{2e7 + k / 50},{k // 9 % 2}\n" for k in range(300))
    (tmp_path / "plant.csv").write_text(f"row,speed,kwh,door\n{rows}", "utf-8")
    usual = (
        "fit",
        "plant.csv",
        "--channels",
        "speed,kwh,door",
        "--detector",
        "rolling_zscore",
        "--window",
        "5",
        "-o",
        "x",
    )
    told = shell(*usual)[1]
    assert "counter: kwh; scored by how fast it rises" in told
    assert "kwh: counter, door: binary" in shell("inspect", "x")[1]
    shell(*usual, "--kind", "kwh=real")
    assert "kinds          door: binary" in shell("inspect", "x")[1]
    shell(*usual, "--kind", "off")
    assert json.loads(shell("inspect", "x", "--json")[1])["kinds"] == []
    (tmp_path / "tocsin.toml").write_text('[fit]\nkinds = {speed = "counter"}\n', "utf-8")
    shell(*usual, "--config", "tocsin.toml")
    assert json.loads(shell("inspect", "x", "--json")[1])["kinds"] == ["counter", "counter", "binary"]
    for wrong, message in (("kwh", "--kind kwh names no channel and kind"), ("flow=real", "there is no such channel")):
        code, _, err = shell(*usual, "--kind", wrong)
        assert code != 0
        assert message in " ".join(err.split())
