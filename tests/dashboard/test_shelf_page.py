"""The page Artifacts: what is in force is said, and changed only once somebody who may is sure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.dashboard.conftest import FEW, MANY, Made, MakePage, Stand, press, serving, texts

from tocsin.dashboard.shelf import _drift

ASKED = """
from tocsin.dashboard._session import client
from tocsin.dashboard.shelf import _change
shelf = client().get("/v1/artifacts")["artifacts"][0]
newest, oldest = shelf["versions"][0], shelf["versions"][-1]
"""
"""What a dialogue shows, outside of its frame."""


@pytest.fixture
def stand(made: Made, tmp_path: Path) -> Iterator[Stand]:
    """A service of its own for each test: what is in force is changed here."""
    with serving(made, tmp_path) as found:
        yield found


def test_the_shelf_says_what_is_in_force_and_all_versions(page: MakePage) -> None:
    seen = page("shelf")
    assert not seen.exception
    told = texts(seen)
    assert f"**Version 1 is in force.** Its detector, rolling\\_zscore, looks at {FEW} readings" in told
    assert f"window {MANY}" in told
    assert "Drift unknown" in told, "no watch has kept anything"


def test_another_version_comes_into_force_only_once_somebody_is_sure(stand: Stand, page: MakePage) -> None:
    assert "version 2 instead of 1" in texts(press(page("shelf"), "Put in force"))
    seen = page("shelf", body=f"{ASKED}_change.activation(shelf, newest)")
    told = texts(seen)
    assert f"**rolling\\_zscore, window {MANY}**" in told, "what differs is told"
    assert "artifacts/room/active.tocsin" in told, "and how a watch follows"
    assert stand.client.get("/v1/artifacts/room")["active"] == 1
    press(seen, "Put version 2 in force")
    assert stand.client.get("/v1/artifacts/room")["active"] == 2
    assert "**Version 2 is in force.**" in texts(page("shelf"))


def test_what_is_left_stays_as_it_is(stand: Stand, page: MakePage) -> None:
    press(page("shelf", body=f"{ASKED}_change.activation(shelf, newest)"), "Leave it")
    assert stand.client.get("/v1/artifacts/room")["active"] == 1


def test_rolling_back_leads_to_the_version_before(stand: Stand, page: MakePage) -> None:
    assert "Roll back to version 1" not in [button.label for button in page("shelf").button]
    stand.client.post("/v1/artifacts/room/2/activate")
    assert "back to version 1" in texts(press(page("shelf"), "Roll back to version 1"))
    press(page("shelf", body=f"{ASKED}_change.rolling_back(shelf, newest, oldest)"), "Roll back")
    assert stand.client.get("/v1/artifacts/room")["active"] == 1


def test_a_version_is_removed_once_somebody_is_sure(stand: Stand, page: MakePage) -> None:
    press(page("shelf", body=f"{ASKED}_change.removal('room', newest)"), "Remove it")
    assert [one["version"] for one in stand.client.get("/v1/artifacts/room")["versions"]] == [1]


def test_what_the_service_refuses_is_said_in_its_words(stand: Stand, page: MakePage) -> None:
    seen = press(page("shelf", body=f"{ASKED}_change.removal('room', oldest)"), "Remove it")
    assert "in force" in seen.error[0].value
    assert len(stand.client.get("/v1/artifacts/room")["versions"]) == 2


@pytest.mark.parametrize("scope", ["read", "operate"])
def test_who_may_not_change_anything_is_not_offered_to(page: MakePage, scope: str) -> None:
    seen = page("shelf", scope=scope)
    assert not seen.exception
    assert not [button.label for button in seen.button]
    assert not [box.label for box in seen.expander if box.label == "Add an artifact"]


def test_everything_about_a_version_is_a_click_away(page: MakePage) -> None:
    seen = page("shelf")
    seen.toggle(key="facts_room_2").set_value(True).run()
    assert not seen.exception
    told = texts(seen)
    assert "**Where it comes from**" in told
    assert "| readings | 900 of 1 devices |" in told
    assert seen.json


def test_drift_is_drawn_as_shares_of_either_time() -> None:
    figure = _drift.figure({"edges": [0.0, 1.0, 2.0], "reference": [3.0, 1.0], "recent": [1.0, 1.0]})
    assert [bar["y"] for bar in figure["data"]] == [[0.75, 0.25], [0.5, 0.5]]
    assert figure["data"][0]["x"] == ["0 to 1", "1 to 2"]


def test_levels_of_drift_differ_in_word_and_sign_and_not_in_colour_alone() -> None:
    words, signs, _ = zip(*_drift.LEVELS.values(), strict=True)
    assert len(set(words)) == len(set(signs)) == len(_drift.LEVELS)
