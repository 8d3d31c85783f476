"""``tocsin recalibrate``: what it prints, where it writes, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tocsin.artifact import bundle
from tocsin.artifact.artifact import Artifact
from tocsin.engine.scorer import Scorer
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def forest(room: Path) -> Scorer:
    return fit(room, Recipe(detector="isolation_forest", settings={"trees": 20}, threshold="percentile:95"))


@pytest.fixture
def sealed(forest: Scorer, tmp_path: Path) -> Path:
    forest.save(tmp_path / "room.tocsin")
    return tmp_path / "room.tocsin"


@pytest.fixture(scope="module")
def later(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("later") / "later.csv"
    Environment(rows=400, seed=9).table().write_csv(path)
    return path


def limit_of(artifact: Artifact) -> float:
    return float(getattr(artifact.calibration.limits, "limit"))  # noqa: B009  # limits have no common fields


def test_tells_what_was_and_what_is_and_writes_beside_the_artifact(shell: Shell, sealed: Path, tmp_path: Path) -> None:
    before = sealed.read_bytes()
    code, out, err = shell("recalibrate", "room.tocsin", "--threshold", "percentile:90", "--raise-after", "2")
    assert (code, err) == (0, "")
    found = bundle.load(tmp_path / "room-recalibrated.tocsin")
    assert "Recalibrated room.tocsin → room-recalibrated.tocsin" in out
    assert "percentile:95 → percentile:90" in out
    assert f"→ {limit_of(found):.6g}" in out
    assert found.policy.raise_after == 2
    assert sealed.read_bytes() == before


def test_the_artifact_itself_is_written_only_if_it_is_named(shell: Shell, sealed: Path) -> None:
    before = sealed.read_bytes()
    assert shell("recalibrate", sealed, "--threshold", "percentile:90")[0] == 0
    assert sealed.read_bytes() == before
    assert shell("recalibrate", sealed, "--threshold", "percentile:90", "-o", sealed)[0] == 0
    assert bundle.load(sealed).calibration.threshold == "percentile:90"


def test_readings_of_another_month_give_the_limit(shell: Shell, sealed: Path, later: Path, forest: Scorer) -> None:
    code, out, err = shell("recalibrate", sealed, later, "--label", "label", "-o", "x.tocsin", "--json")
    assert (code, "error" in err) == (0, False)
    told, found = json.loads(out), bundle.load("x.tocsin")
    assert told["after"]["calibration"]["limits"] == {"limit": limit_of(found)}
    assert told["before"]["calibration"]["limits"] == {"limit": limit_of(forest.artifact)}
    assert told["said"] == list(found.calibration.said)
    assert told["warnings"] == list(found.calibration.warnings)
    assert told["replaced"] is True
    assert any("windows that hold a labelled anomaly were kept out" in text for text in told["said"])


def test_inspect_shows_the_evidence_and_the_limits_before(shell: Shell, sealed: Path, later: Path) -> None:
    shell("recalibrate", sealed, later, "--threshold", "percentile:90", "-o", "x.tocsin")
    code, out, _ = shell("inspect", "x.tocsin")
    assert code == 0
    assert "Evidence for the limit" in out
    assert " scores of given readings, 2023-07-01 00:00 to " in out
    assert "Earlier limits, the last first" in out
    assert "percentile:95, limit 0." in out


def test_a_config_settles_the_alarm_and_flags_overrule_it(shell: Shell, sealed: Path, tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text('[alarm]\nraise_after = "30min"\ncooldown = 4\n', "utf-8")
    assert shell("recalibrate", sealed, "--config", "tocsin.toml", "--cooldown", "7", "-o", "x.tocsin")[0] == 0
    policy = bundle.load("x.tocsin").policy
    assert (policy.raise_after_ns, policy.cooldown) == (30 * 60 * 10**9, 7)


def test_what_is_wanted_of_channels_is_said_in_the_file_and_with_flags(
    shell: Shell, sealed: Path, tmp_path: Path
) -> None:
    (tmp_path / "tocsin.toml").write_text('[alarm.channel]\nlight = "mute"\n', "utf-8")
    asked = ("--config", "tocsin.toml", "--channel", "temperature: high, least 2", "-o", "x.tocsin")
    code, out, _ = shell("recalibrate", sealed, *asked)
    assert code == 0
    temperature, light = bundle.load("x.tocsin").policy.intents
    assert (temperature.channel, temperature.direction, temperature.least) == (0, "high", 2.0)
    assert (light.channel, light.mute) == (2, True)
    assert "temperature" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "There is nothing to change"),
        (("--budget", "1 per device per week", "--threshold", "pot"), "both were given"),
        (("--threshold", "percentile:200"), "lies between 0 and 100"),
        (("--raise-after", "0"), "raise_after"),
        (("--channel", "heat: high"), "There is no channel 'heat'"),
        (("missing.csv",), "missing.csv"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    shell: Shell, sealed: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = shell("recalibrate", sealed, *arguments)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())
    assert not sealed.with_name("room-recalibrated.tocsin").exists()


def test_the_readings_are_not_overwritten(shell: Shell, sealed: Path, later: Path) -> None:
    code, _, err = shell("recalibrate", sealed, later, "-o", later)
    assert code == 2
    assert "would be overwritten" in err


def test_what_is_no_artifact_is_not_overwritten(shell: Shell, sealed: Path, later: Path) -> None:
    before = later.read_bytes()
    code, out, err = shell("recalibrate", sealed, "--threshold", "percentile:90", "-o", later)
    assert (code, out, later.read_bytes()) == (2, "", before)
    assert err.endswith("and is no tocsin artifact. Choose another place with --output.\n")
