"""Pushed artifacts: what is good comes into force, what is not is refused, and a kill leaves no doubt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cascade.conftest import Plant

from tocsin.artifact import bundle
from tocsin.artifact.signing_key import SigningKey
from tocsin.cascade.envelope import Envelope
from tocsin.cascade.probation import DEATHS, Conduct
from tocsin.cascade.pushed import LEDGER, Pushed
from tocsin.core.errors import ArtifactError, TocsinError

PAST = Conduct(900, 890, 4, 0, 0.0003)


@pytest.fixture
def edge(plant: Plant, tmp_path: Path) -> Pushed:
    return again(plant, tmp_path)


def again(plant: Plant, folder: Path) -> Pushed:
    """Return the edge as it begins after whatever ended it."""
    found = Pushed(folder / "pushed", {"": plant.folder / "configured.tocsin"}, trust=plant.trust, edge="hall-3")
    found.start()
    return found


def detector(edge: Pushed) -> str:
    return bundle.load(edge.path("")).provenance.detector


def push(edge: Pushed, plant: Plant, name: str, version: int) -> None:
    opened = edge.open(plant.envelope(f"{name}.tocsin", version).encode(plant.key))
    assert opened is not None
    edge.install(opened, past=PAST)


def test_a_good_push_comes_into_force_on_probation_and_settles(edge: Pushed, plant: Plant, tmp_path: Path) -> None:
    assert detector(edge) == "rolling_zscore"
    push(edge, plant, "better", 7)
    assert detector(edge) == "pca"
    entry = again(plant, tmp_path).ledger.entry("")
    assert (entry.state, entry.version, entry.anomalous, entry.seconds) == ("probation", 7, 4, 0.0003)
    edge.settle("")
    assert again(plant, tmp_path).ledger.entry("").state == "steady"
    assert detector(again(plant, tmp_path)) == "pca"


def test_what_is_rolled_back_is_never_taken_again(edge: Pushed, plant: Plant, tmp_path: Path) -> None:
    push(edge, plant, "ringing", 7)
    edge.roll_back("", "All of it rings.")
    for now in (edge, again(plant, tmp_path)):
        assert detector(now) == "rolling_zscore"
        assert now.ledger.entry("").why == "All of it rings."
    with pytest.raises(ArtifactError, match=r"refused before: All of it rings\."):
        push(edge, plant, "ringing", 8)
    assert edge.ledger.seen == 8
    push(edge, plant, "better", 9)
    assert detector(edge) == "pca"


def test_the_same_push_again_is_nothing_and_an_older_one_is_refused(edge: Pushed, plant: Plant) -> None:
    push(edge, plant, "better", 7)
    assert edge.open(plant.envelope("better.tocsin", 7).encode(plant.key)) is None
    with pytest.raises(ArtifactError, match="version 6, and 7 was dealt with"):
        edge.open(plant.envelope("configured.tocsin", 6).encode(plant.key))


def test_a_push_to_another_edge_is_of_no_use_here(edge: Pushed, plant: Plant) -> None:
    with pytest.raises(ArtifactError, match="for 'hall-4', not for 'hall-3'"):
        edge.open(plant.envelope("better.tocsin", 7, edge="hall-4").encode(plant.key))


def test_a_strangers_push_is_refused(edge: Pushed, plant: Plant) -> None:
    other = SigningKey.read(plant.folder / "other.key")
    with pytest.raises(ArtifactError, match="not trusted"):
        edge.open(plant.envelope("better.tocsin", 7).encode(other))
    assert edge.ledger.seen == 0, "what nobody trusted has signed changes nothing"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"artifact": b"PK nonsense"}, "not signed"),
        ({"scores": np.zeros(64)}, "computes other scores here"),
        ({"windows": np.zeros((0, 8, 2), np.float32), "scores": np.zeros(0)}, "no golden windows"),
    ],
)
def test_what_is_wrong_inside_is_refused_and_leaves_nothing(
    edge: Pushed, plant: Plant, change: dict[str, object], said: str, tmp_path: Path
) -> None:
    wrong = replace(plant.envelope("better.tocsin", 7), **change)  # type: ignore[arg-type]  # its fields
    with pytest.raises(TocsinError, match=said):
        edge.install(wrong, past=PAST)
    assert detector(edge) == "rolling_zscore"
    assert (edge.ledger.seen, said in edge.ledger.last) == (7, True)
    assert not list((tmp_path / "pushed").glob(".*.tocsin"))


def test_an_artifact_of_other_channels_is_refused(edge: Pushed, plant: Plant) -> None:
    with pytest.raises(ArtifactError, match="It judges pressure, which the devices here do not send"):
        push(edge, plant, "foreign", 7)
    assert detector(edge) == "rolling_zscore"


def test_a_graph_that_cannot_run_is_found_in_a_process_of_its_own(edge: Pushed, plant: Plant) -> None:
    good = plant.envelope("better.tocsin", 7)
    broken = replace(good, artifact=(plant.folder / "broken.tocsin").read_bytes())
    with pytest.raises(ArtifactError, match="graph cannot be"):
        edge.install(broken, past=PAST)
    assert detector(edge) == "rolling_zscore"


def test_a_push_for_the_only_duty_need_not_name_it(plant: Plant, tmp_path: Path) -> None:
    configured = {"rooms": plant.folder / "configured.tocsin"}
    edge = Pushed(tmp_path / "pushed", configured, trust=plant.trust, edge="hall-3")
    opened = edge.open(plant.envelope("better.tocsin", 7).encode(plant.key))
    assert opened is not None
    assert opened.duty == "rooms"


def test_what_was_altered_on_the_disk_gives_way_to_the_settings(edge: Pushed, plant: Plant, tmp_path: Path) -> None:
    push(edge, plant, "better", 7)
    place = edge.path("")
    place.write_bytes(place.read_bytes()[:-1] + b"!")
    found = Pushed(tmp_path / "pushed", {"": plant.folder / "configured.tocsin"}, trust=plant.trust, edge="hall-3")
    assert found.paths()[""] == plant.folder / "configured.tocsin"
    assert found.start()
    assert "lost or altered" in found.ledger.entry("").why


def test_a_watch_that_fails_blames_what_is_on_probation(edge: Pushed, plant: Plant) -> None:
    push(edge, plant, "better", 7)
    edge.fail("The watch failed.")
    assert (detector(edge), edge.ledger.entry("").why) == ("rolling_zscore", "The watch failed.")
    edge.fail("The watch failed again.")
    assert edge.ledger.entry("").why == "The watch failed."


def test_an_unsigned_artifact_is_not_even_sent(plant: Plant) -> None:
    with pytest.raises(ArtifactError, match="not signed, and edges take nothing else"):
        plant.envelope("unsigned.tocsin", 7)


def test_a_kill_before_the_file_is_exchanged_is_finished_at_the_next_start(
    edge: Pushed, plant: Plant, tmp_path: Path
) -> None:
    push(edge, plant, "better", 7)
    written = edge.ledger
    edge.roll_back("", "for once")
    written.write(tmp_path / "pushed" / LEDGER)  # as if it had been killed after writing, before the exchange
    found = again(plant, tmp_path)
    assert detector(found) == "pca"
    assert bundle.load(tmp_path / "pushed" / "artifact" / "active.tocsin").provenance.detector == "pca"


def test_what_kills_the_watch_again_and_again_is_rolled_back(edge: Pushed, plant: Plant, tmp_path: Path) -> None:
    push(edge, plant, "better", 7)
    for _ in range(DEATHS):
        assert detector(again(plant, tmp_path)) == "pca"
    found = again(plant, tmp_path)
    assert detector(found) == "rolling_zscore"
    assert found.ledger.entry("").why == f"The watch ended {DEATHS} times while it was on probation."


def test_ends_in_good_order_are_no_deaths(edge: Pushed, plant: Plant, tmp_path: Path) -> None:
    push(edge, plant, "better", 7)
    for _ in range(2 * DEATHS):
        found = again(plant, tmp_path)
        found.end()
    assert detector(found) == "pca"


def test_a_signed_order_rolls_back(edge: Pushed, plant: Plant) -> None:
    push(edge, plant, "better", 7)
    opened = edge.open(Envelope("hall-3", 8, "roll back").encode(plant.key))
    assert opened is not None
    edge.roll_back("", "ordered", seen=8, for_good=False)
    assert (detector(edge), edge.ledger.seen) == ("rolling_zscore", 8)
    push(edge, plant, "better", 9)
    assert detector(edge) == "pca", "an order says nothing against the artifact"


@pytest.mark.slow
def test_nobody_goes_back_to_what_never_proved_itself(edge: Pushed, plant: Plant) -> None:
    push(edge, plant, "better", 7)
    push(edge, plant, "third", 8)
    assert bundle.load(edge.path("")).window == 6
    edge.roll_back("", "no")
    assert bundle.load(edge.path("")).window == 8
    assert detector(edge) == "rolling_zscore"


@pytest.mark.slow
def test_only_what_may_come_back_is_kept(edge: Pushed, plant: Plant, tmp_path: Path) -> None:
    for version, name in enumerate(("better", "third", "ringing", "better"), start=7):
        push(edge, plant, name, version)
        edge.settle("")
    kept = {path.name for path in (tmp_path / "pushed" / "artifact").glob("[0-9]*.tocsin")}
    assert len(kept) == 2


def test_nothing_to_roll_back_is_said(edge: Pushed) -> None:
    with pytest.raises(ArtifactError, match="No pushed artifact is in force"):
        edge.roll_back("", "no")


def test_a_damaged_ledger_is_told_with_the_remedy(plant: Plant, tmp_path: Path) -> None:
    (tmp_path / "pushed").mkdir()
    (tmp_path / "pushed" / LEDGER).write_text("{")
    with pytest.raises(ArtifactError, match="is damaged"):
        again(plant, tmp_path)
