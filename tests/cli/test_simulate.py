"""``tocsin simulate``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tocsin.core.discover import names

Shell = Callable[..., tuple[int, str, str]]


def test_rows_and_share_are_as_asked_and_told(shell: Shell, tmp_path: Path) -> None:
    code, out, err = shell("simulate", "environment", "--rows", "500", "--anomalies", "0.1", "-o", "room.csv")
    assert (code, err) == (0, "")
    assert out == "500 rows, 50 of them (10.0%) in labelled events → room.csv\n"
    table = pl.read_csv(tmp_path / "room.csv")
    assert (table.height, table["label"].sum()) == (500, 50)
    assert table.columns[:6] == ["time", "temperature", "humidity", "light", "loudness", "air_quality"]


def test_the_seed_decides(shell: Shell, tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        shell("simulate", "--rows", "200", "--seed", str(seed), "-o", name)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_several_devices(shell: Shell, tmp_path: Path) -> None:
    shell("simulate", "--rows", "200", "--devices", "3", "-o", "rooms.csv")
    assert pl.read_csv(tmp_path / "rooms.csv")["device"].value_counts().sort("device").rows() == [
        ("room-1", 200), ("room-2", 200), ("room-3", 200),
    ]  # fmt: skip


def test_every_scenario_is_offered_and_writes_a_file_of_its_own(shell: Shell, tmp_path: Path) -> None:
    _, help_text, _ = shell("simulate", "--help")
    for scenario in names("training.simulate"):
        assert scenario in help_text
        code, out, err = shell("simulate", scenario, "--rows", "2000")
        assert (code, err) == (0, "")
        written = tmp_path / out.split("→ ")[1].strip()
        assert pl.read_csv(written).height == 2000
    assert len(list(tmp_path.iterdir())) == len(names("training.simulate"))


def test_drift_kinds_and_period_reach_the_scenario(shell: Shell, tmp_path: Path) -> None:
    plain = ("simulate", "machine", "--rows", "2000", "--kinds", "spike, drift", "--period", "30")
    assert shell(*plain, "-o", "plain.csv")[0] == 0
    assert shell(*plain, "--drift", "ageing", "-o", "aged.csv")[0] == 0
    first, second = (pl.read_csv(tmp_path / name) for name in ("plain.csv", "aged.csv"))
    assert set(first["event"].drop_nulls()) == {"spike", "drift"}
    assert first["time"][1] == "2024-03-07T00:00:30"
    assert first["label"].equals(second["label"])
    assert not first.equals(second)


def test_the_wide_network(shell: Shell, tmp_path: Path) -> None:
    shell("simulate", "network", "--rows", "2000", "--features", "115", "-o", "wide.csv")
    assert pl.read_csv(tmp_path / "wide.csv").width == 115 + 7


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("ocean", "There is no scenario 'ocean'. Choose one of: environment, machine, network."),
        (
            "environment --features 115",
            "The scenario environment has no --features. It has: --rows, --seed, --anomalies, --devices, --kinds, --d",
        ),
        ("network --period 60", "The scenario network has no --period. It has: --rows, "),
        ("machine --kinds flooding", "This scenario has no events of kind 'flooding'. Choose from: spike, drop,"),
        ("machine --drift sudden", "Nothing drifts in a way called 'sudden'. Choose: seasonal, ageing, maintenance."),
        ("network --features 7", "7 features are not simulated. Ask for 2 or 115."),
        ("machine --period 0", "A reading every 0 s is not simulated. Give a period of 1 to 600 s."),
        ("machine -o nowhere/machine.csv", "There is no folder nowhere to write machine.csv to."),
    ],
)
def test_what_a_scenario_cannot_do_is_refused(line: str, told: str, shell: Shell) -> None:
    code, out, err = shell("simulate", *line.split())
    assert (code, out) == (2, "")
    assert told in err
