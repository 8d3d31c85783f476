"""The registry: versions never change, one is in force, and whatever may go wrong is told instead of guessed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.artifact import bundle
from tocsin.core.errors import ArtifactError, InputError, SettingError
from tocsin.engine.scorer import Scorer
from tocsin.lifecycle.errors import AbsentError
from tocsin.lifecycle.registry import Registry

Sealed = tuple[Path, Path, Path]


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "artifacts")


@pytest.fixture
def three(registry: Registry, sealed: Sealed) -> Registry:
    """Three versions of a pump, the first in force."""
    for path in sealed:
        registry.add("pump", path, by="ada", trusted=True)
    return registry


def held(registry: Registry, name: str = "pump") -> list[str]:
    """Return the files of a shelf, without its lock."""
    place = registry.path(name).parent
    return sorted(file.name for file in place.iterdir() if file.name != ".lock")


def test_an_artifact_comes_out_byte_for_byte(registry: Registry, sealed: Sealed) -> None:
    version, new = registry.add("pump", sealed[0], by="ada", note="the first", trusted=True)
    body = sealed[0].read_bytes()
    assert new
    assert (version.version, version.by, version.note, version.active) == (1, "ada", "the first", True)
    assert version.sha256 == hashlib.sha256(body).hexdigest()
    assert version.bytes == len(body)
    assert registry.path("pump", 1).read_bytes() == body
    assert (version.detector, version.window, version.readings) == ("rolling_zscore", 8, 300)
    assert version.channels == bundle.load(sealed[0]).schema.names


def test_the_first_version_is_in_force_at_once_and_later_ones_are_not(three: Registry) -> None:
    shelf = three.shelf("pump")
    assert [own.version for own in shelf.versions] == [3, 2, 1]
    assert [own.active for own in shelf.versions] == [False, False, True]
    assert shelf.active == 1
    assert held(three) == ["1.tocsin", "2.tocsin", "3.tocsin", "active.tocsin", "record.json"]


def test_the_same_bytes_are_added_once(three: Registry, sealed: Sealed) -> None:
    version, new = three.add("pump", sealed[1], by="bob", note="again", trusted=True)
    assert not new
    assert (version.version, version.by) == (2, "ada")
    assert len(three.shelf("pump").versions) == 3


def test_what_watches_follow_is_the_version_in_force(three: Registry, sealed: Sealed) -> None:
    follow = three.path("pump").with_name("active.tocsin")
    before = follow.stat().st_ino
    assert follow.read_bytes() == sealed[0].read_bytes()
    three.activate("pump", 3, by="bob")
    assert follow.read_bytes() == sealed[2].read_bytes()
    assert follow.stat().st_ino != before  # a new file in its place, so that no reader sees half of it


def test_who_put_what_in_force_is_remembered(three: Registry) -> None:
    three.activate("pump", 2, by="bob")
    three.activate("pump", 2, by="eve")  # nothing to do
    told = three.shelf("pump").activations
    assert [(one.version, one.by) for one in told] == [(2, "bob"), (1, "ada")]
    assert all(one.at.endswith("Z") for one in told)


def test_each_roll_back_goes_one_step_further_back(three: Registry) -> None:
    three.activate("pump", 2, by="ada")
    three.activate("pump", 3, by="ada")
    assert three.roll_back("pump", by="bob").active == 2
    assert three.roll_back("pump", by="bob").active == 1
    with pytest.raises(InputError, match="No other version of pump was in force before"):
        three.roll_back("pump", by="bob")


def test_a_roll_back_passes_over_a_version_that_is_gone(three: Registry) -> None:
    three.activate("pump", 2, by="ada")
    three.activate("pump", 3, by="ada")
    three.remove("pump", 2)
    assert three.roll_back("pump", by="bob").active == 1


def test_a_version_in_force_is_not_removed_and_no_number_is_given_twice(three: Registry, sealed: Sealed) -> None:
    with pytest.raises(InputError, match="Version 1 of pump is in force"):
        three.remove("pump", 1)
    three.remove("pump", 3)
    assert [own.version for own in three.shelf("pump").versions] == [2, 1]
    assert not three.path("pump", 2).with_name("3.tocsin").exists()
    assert three.add("pump", sealed[2], by="ada", trusted=True)[0].version == 4


def test_an_artifact_that_is_discarded_is_gone_and_its_numbers_stay_given(three: Registry, sealed: Sealed) -> None:
    three.discard("pump")
    assert three.shelves() == ()
    with pytest.raises(AbsentError):
        three.shelf("pump")
    assert three.add("pump", sealed[0], by="ada", trusted=True)[0].version == 4


def test_what_is_not_there_is_told(three: Registry) -> None:
    for ask in (
        lambda: three.version("pump", 9),
        lambda: three.artifact("fan"),
        lambda: three.activate("pump", 9, by="ada"),
        lambda: three.remove("pump", 9),
        lambda: three.roll_back("fan", by="ada"),
        lambda: three.shelf("../pump"),
    ):
        with pytest.raises(AbsentError):
            ask()
    assert [shelf.name for shelf in three.shelves()] == ["pump"]


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../pump", "a/b", "/etc", "a\\b", "a\x00b", ".hidden", "-x", "é", "a b", "a\n", "x" * 101]
)
def test_names_that_cannot_be(name: str, registry: Registry, sealed: Sealed, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="cannot be an artifact's name"):
        registry.add(name, sealed[0], by="ada", trusted=True)
    assert list(tmp_path.iterdir()) == []


@given(name=st.text(max_size=120))
def test_no_name_leads_out_of_the_folder(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp() / "nowhere"
    with pytest.raises((AbsentError, SettingError)):
        Registry(folder).activate(name, 1, by="ada")
    with pytest.raises(AbsentError):
        Registry(folder).path(name)
    assert not folder.exists()


def test_an_artifact_at_hand_is_opened_once_and_scores_as_ever(three: Registry, sealed: Sealed) -> None:
    found = three.artifact("pump", 2)
    assert three.artifact("pump", 2) is found
    values = np.random.default_rng(0).normal(20, 5, (30, len(found.schema)))
    own, other = Scorer(found).verdicts(values), Scorer(bundle.load(sealed[1])).verdicts(values)
    assert own.score.tobytes() == other.score.tobytes()


def test_artifacts_at_hand_are_bounded_by_their_bytes(tmp_path: Path, sealed: Sealed) -> None:
    registry = Registry(tmp_path, cache_bytes=1)
    for path in sealed[:2]:
        registry.add("pump", path, by="ada", trusted=True)
    first = registry.artifact("pump", 1)
    assert registry.artifact("pump", 1) is first
    registry.artifact("pump", 2)
    assert registry.artifact("pump", 1) is not first


def test_what_another_process_writes_counts_at_once(three: Registry, tmp_path: Path) -> None:
    other = Registry(tmp_path / "artifacts")
    assert other.version("pump").version == 1
    three.activate("pump", 3, by="ada")
    assert other.version("pump").version == 3


def test_a_file_that_was_altered_is_not_scored_with(three: Registry, sealed: Sealed) -> None:
    three.path("pump", 2).write_bytes(sealed[2].read_bytes())
    with pytest.raises(ArtifactError, match="version 2 of pump was altered or lost"):
        three.artifact("pump", 2)
    three.path("pump", 2).unlink()
    with pytest.raises(ArtifactError, match="altered or lost"):
        three.artifact("pump", 2)


@pytest.mark.parametrize("how", ["cut", "text", "number", "unknown", "ahead"])
def test_a_damaged_record_is_told_never_guessed(how: str, three: Registry) -> None:
    path = three.path("pump").with_name("record.json")
    told = json.loads(path.read_bytes())
    if how == "number":
        told["versions"][0]["version"] = 2
    elif how == "unknown":
        told["activations"][-1]["version"] = 7
    elif how == "ahead":
        told["last"] = 1
    text = json.dumps(told)
    path.write_text("what?" if how == "text" else text[: len(text) // 2] if how == "cut" else text)
    for ask in (lambda: three.shelf("pump"), three.shelves, lambda: three.activate("pump", 2, by="ada")):
        with pytest.raises(InputError, match=r"The record pump/record.json of the registry is damaged"):
            ask()


def test_a_crash_between_record_and_file_heals(three: Registry, sealed: Sealed) -> None:
    follow = three.path("pump").with_name("active.tocsin")
    follow.write_bytes(sealed[2].read_bytes())
    three.activate("pump", 1, by="ada")
    assert follow.read_bytes() == sealed[0].read_bytes()


def test_a_version_that_never_got_into_the_record_is_written_over(three: Registry, sealed: Sealed) -> None:
    three.path("pump").with_name("4.tocsin").write_bytes(b"half")
    three.discard("pump")
    for path in sealed[:2]:
        three.add("pump", path, by="ada", trusted=True)
    assert three.path("pump", 4).read_bytes() == sealed[0].read_bytes()


def test_threads_that_add_and_activate_at_once_lose_nothing(registry: Registry, sealed: Sealed) -> None:
    def work(path: Path) -> None:
        version, _ = registry.add("pump", path, by="ada", trusted=True)
        registry.activate("pump", version.version, by="ada")

    threads = [threading.Thread(target=work, args=(path,)) for path in sealed * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shelf = registry.shelf("pump")
    assert {own.sha256 for own in shelf.versions} == {hashlib.sha256(p.read_bytes()).hexdigest() for p in sealed}
    assert [own.version for own in shelf.versions] == [3, 2, 1]
    assert registry.path("pump").with_name("active.tocsin").read_bytes() == registry.path("pump").read_bytes()


_ADD = """
import sys
from pathlib import Path
from tocsin.lifecycle.registry import Registry
registry = Registry(Path(sys.argv[1]))
for path in sys.argv[2:] * 3:
    version, _ = registry.add("pump", Path(path), by="ada", trusted=True)
    registry.activate("pump", version.version, by="ada")
"""


@pytest.mark.slow
def test_processes_share_a_registry(registry: Registry, sealed: Sealed, tmp_path: Path) -> None:
    folder, paths = str(tmp_path / "artifacts"), [str(path) for path in sealed]
    commands = [[sys.executable, "-c", _ADD, folder, *order] for order in (paths, paths[::-1])]
    running = [subprocess.Popen(command) for command in commands]
    assert [one.wait(60) for one in running] == [0, 0]
    shelf = registry.shelf("pump")
    assert [own.version for own in shelf.versions] == [3, 2, 1]
    assert registry.path("pump").with_name("active.tocsin").read_bytes() == registry.path("pump").read_bytes()


def test_what_is_discarded_is_gone_and_its_numbers_with_it(three: Registry, sealed: Sealed) -> None:
    place = three.path("pump").parent
    three.discard("pump")
    assert three.shelves() == ()
    assert list(place.glob("*.tocsin")) == []
    with pytest.raises(AbsentError):
        three.artifact("pump")
    with pytest.raises(AbsentError):
        three.discard("pump")
    version, new = three.add("pump", sealed[0], by="ada", trusted=True)
    assert (version.version, version.active, new) == (4, True, True)
