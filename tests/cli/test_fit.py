"""``tocsin fit``: what is trained, by whose choice."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact

Shell = Callable[..., tuple[int, str, str]]

QUICK = ("--detector", "rolling_zscore", "--window", "12")


def trained(shell: Shell, *arguments: str | Path) -> Artifact:
    code, _, err = shell("fit", *arguments, "-o", "x.tocsin")
    assert (code, err) == (0, "")
    return bundle.load("x.tocsin")


def test_shows_how_the_table_was_read_and_what_was_trained(shell: Shell, room: Path) -> None:
    code, out, err = shell("fit", room, *QUICK, "-o", "x.tocsin")
    assert (code, err) == (0, "")
    for text in (
        "time: time (iso, UTC)",
        "label: label",
        "600 readings of 1 device",
        "Trained → x.tocsin",
        "fixed:3.5",
    ):
        assert text in out


def test_what_was_chosen_is_a_list_and_a_stated_limit_is_called_so(shell: Shell, room: Path) -> None:
    quick = ("--set", "members=pca,ridge", "-o", "x.tocsin")
    code, out, err = shell("fit", room, *quick)
    assert (code, err) == (0, "")
    chosen = bundle.load("x.tocsin").provenance.why
    lines = out.splitlines()
    begin = lines.index("Chosen from the readings")
    assert lines[begin + 1 :][: len(chosen)] != []
    assert sum(line.startswith("  – ") for line in lines[begin:]) == len(chosen)
    for words in ("detector      auto", "threshold     fixed:3", "found from    no scores: it was stated"):
        assert words in out
    assert json.loads(shell("fit", room, *quick, "--json")[1])["chosen"] == list(chosen)
    assert "  – limit: a score of 3, as rare as one normal window in 1,000." in shell("inspect", "x.tocsin")[1]


def test_json_is_all_that_is_printed(shell: Shell, room: Path) -> None:
    told = json.loads(shell("fit", room, *QUICK, "--json", "-o", "x.tocsin")[1])
    assert told["artifact"] == "x.tocsin"
    assert told["detector"] == "rolling_zscore"
    assert told["limit"] == 3.5
    assert {type(count) for count in told["windows"].values()} == {int}


def test_each_flag_reaches_the_artifact(shell: Shell, room: Path) -> None:
    found = trained(
        shell, room, "--detector", "isolation_forest", "--window", "2", "--scale", "robust", "--set", "trees=7",
        "--seed", "5", "--clock", "on", "--period", "1200", "--hold", "2", "--threshold", "percentile:90",
        "--raise-after", "4", "--release-after", "6", "--release-below", "0.5", "--cooldown", "9",
        "--channels", "temperature,light", "--label", "",
    )  # fmt: skip
    assert (found.window, found.schema.names) == (2, ("temperature", "light"))
    assert (found.clock.align, found.clock.period_ns, found.clock.hold) == (True, 1200 * 10**9, 2)
    assert found.calibration.threshold == "percentile:90"
    policy = found.policy
    assert (policy.raise_after, policy.release_after, policy.release_below, policy.cooldown) == (4, 6, 0.5, 9)
    own = found.provenance
    assert (own.detector, own.scale, own.seed, own.settings["trees"]) == ("isolation_forest", "robust", 5, "7")
    assert own.windows["kept out"] == 0


def test_a_small_network_learns(shell: Shell, room: Path) -> None:
    found = trained(
        shell, room, "--detector", "lstm_autoencoder", "--set", "epochs=1", "--set", "hidden=6,3", "--device", "cpu"
    )
    assert found.provenance.settings | {"epochs": "1", "hidden": "6,3", "device": "cpu"} == found.provenance.settings
    assert len(found.provenance.curves["training_loss"]) == 1


CONFIG = """
[input]
label = ""
exclude = ["light"]

[fit]
detector = "isolation_forest"
seed = 3
threshold = "percentile:90"

[detector]
trees = 5
max_samples = 32

[alarm]
raise_after = 7
"""


def test_a_config_file_settles_what_flags_leave_open(shell: Shell, room: Path, tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    found = trained(shell, room, "--config", "tocsin.toml")
    assert found.schema.names == ("temperature", "humidity", "loudness", "air_quality")
    assert (found.provenance.detector, found.provenance.seed) == ("isolation_forest", 3)
    assert (found.provenance.settings["trees"], found.provenance.settings["max_samples"]) == ("5", "32")
    assert (found.calibration.threshold, found.policy.raise_after) == ("percentile:90", 7)


def test_flags_overrule_the_config_file(shell: Shell, room: Path, tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    found = trained(
        shell, room, "--config", "tocsin.toml", "--exclude", "humidity", "--seed", "4", "--set", "trees=6",
        "--raise-after", "2", "--threshold", "fixed:0.7",
    )  # fmt: skip
    assert found.schema.names == ("temperature", "light", "loudness", "air_quality")
    assert (found.provenance.seed, found.provenance.settings["trees"]) == (4, "6")
    assert found.provenance.settings["max_samples"] == "32"
    assert (found.calibration.threshold, found.policy.raise_after) == ("fixed:0.7", 2)


ALARM = """
[alarm]
raise_after = "30min"
merge_within = "2h"
quiet = "Sat,Sun"

[alarm.channel.temperature]
expected = [0, 40]

[alarm.channel]
humidity = "mute"

[alarm.device."room-*"]
limit_factor = 1.5
"""


def test_what_is_wanted_of_channels_comes_from_flags_and_from_the_config(
    shell: Shell, room: Path, tmp_path: Path
) -> None:
    (tmp_path / "tocsin.toml").write_text(ALARM)
    own = ["--channel", "humidity: high, least 2", "--channel", "light: mute", "--cooldown", "1h"]
    policy = trained(
        shell, room, "--config", "tocsin.toml", "--detector", "isolation_forest", "--set", "trees=5", *own
    ).policy
    assert (policy.raise_after, policy.raise_after_ns, policy.cooldown_ns) == (1, 30 * 60 * 10**9, 3600 * 10**9)
    assert (policy.merge_within_ns, policy.quiet) == (7200 * 10**9, ("Sat,Sun",))
    assert [(own.channel, own.direction, own.least, own.high, own.mute) for own in policy.intents] == [
        (0, None, None, 40.0, None),
        (1, "high", 2.0, None, None),
        (2, None, None, None, True),
    ]
    assert [(rule.pattern, rule.limit_factor) for rule in policy.devices] == [("room-*", 1.5)]
    assert len(policy.usual) == 5


def test_a_channel_that_is_not_there_is_refused_before_anything_is_learned(shell: Shell, room: Path) -> None:
    code, _, err = shell("fit", room, "--channel", "pressure: high")
    assert code == 2
    assert "There is no channel 'pressure'. There are: temperature, humidity, light, loudness, air_quality." in err


@pytest.mark.parametrize("seed", ["0", "7"])
def test_the_same_command_writes_the_same_file(seed: str, shell: Shell, room: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        shell("fit", room, "--detector", "isolation_forest", "--set", "trees=5", "--seed", seed, "-o", name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_failed_fit_leaves_the_older_artifact_alone(shell: Shell, room: Path, tmp_path: Path) -> None:
    (tmp_path / "x.tocsin").write_bytes(b"older")
    assert shell("fit", room, *QUICK, "--threshold", "percentile:200", "-o", "x.tocsin")[0] == 2
    assert (tmp_path / "x.tocsin").read_bytes() == b"older"


def test_steps_add_columns(shell: Shell, room: Path) -> None:
    found = trained(
        shell, room, "--detector", "isolation_forest", "--set", "trees=7",
        "--prepare", "rolling:12", "--prepare", "lag:1,6",
    )  # fmt: skip
    assert (found.window, found.provenance.prepare) == (12, ("rolling:12", "lag:1,6"))
    assert "rolling:12 lag:1,6" in shell("inspect", "x.tocsin")[1]
    code, _, err = shell("fit", room, "--prepare", "smooth:3")
    assert code == 2
    assert "There is no prepare step 'smooth'" in err
    assert "lag, rolling" in err


def test_help_names_every_threshold_and_the_section_of_the_file(shell: Shell) -> None:
    code, out, _ = shell("fit", "--help")
    assert code == 0
    for name in ("percentile", "pot", "adaptive", "conformal", "fixed", "labelled", "budget"):
        assert name in out
    assert "[alarm]" in out


def test_readings_are_not_written_over(shell: Shell, room: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("mine\n", "utf-8")
    code, _, err = shell("fit", room, "-o", other)
    assert code == 2
    assert "other.csv would be overwritten, and is no tocsin artifact." in err
    assert other.read_text("utf-8") == "mine\n"
