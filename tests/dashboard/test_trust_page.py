"""The page Compare and trust: no figure without its cautions, a rehearsal as a job, artifacts side by side."""

from __future__ import annotations

import time

import pytest
from tests.dashboard.conftest import MakePage, Stand, press, texts


@pytest.fixture
def scored(stand: Stand) -> str:
    """The id of a labelled file that has been scored."""
    id = str(stand.client.upload("/v1/analyses", stand.readings.read_bytes(), params={"name": "room.csv"})["id"])
    stand.client.post(f"/v1/analyses/{id}/score", {"artifact": "room"})
    return id


def test_without_a_file_the_page_asks_for_one(page: MakePage) -> None:
    seen = page("trust")
    assert not seen.exception
    assert [box.label for box in seen.expander] == ["Another file, or another artifact"]
    press(seen, "Score it")
    assert "Drop a file first." in texts(seen)


def test_a_file_that_is_dropped_is_scored_and_judged(stand: Stand, page: MakePage) -> None:
    seen = page("trust")
    seen.file_uploader[0].set_value(("room.csv", stand.readings.read_bytes(), "text/csv"))
    press(seen, "Score it")
    assert not seen.exception
    assert "**room.csv**, scored with **room, version 1**" in texts(seen)
    assert "labelled events" in seen.header[0].value


def test_a_file_that_cannot_be_read_is_said_to_be(page: MakePage) -> None:
    seen = page("trust")
    seen.file_uploader[0].set_value(("room.csv", b"a,b\nx,y\n", "text/csv"))
    press(seen, "Score it")
    assert not seen.exception
    assert "What to do" in seen.error[0].value


def test_who_may_only_look_is_told_so(page: MakePage) -> None:
    seen = page("trust", scope="read")
    assert not seen.exception
    assert "may operate" in texts(seen)


def test_figures_come_with_their_cautions_first(stand: Stand, page: MakePage, scored: str) -> None:
    seen = page("trust", trust_analysis=(scored, None))
    assert not seen.exception
    told = stand.client.get(f"/v1/analyses/{scored}/evaluation")
    metrics = told["metrics"]
    assert seen.header[0].value.startswith(f"{metrics['events_caught']} of {metrics['events']} labelled events")
    assert told["cautions"], "so few events deserve one"
    assert "time that the detector was trained in" in told["cautions"][0], "it is judged by what it has learned from"
    assert seen.warning[0].value.count("\n- ") == len(told["cautions"])
    shown = texts(seen)
    assert "| event recall |" in shown
    assert "| VUS-PR |" in shown


def test_the_file_of_the_page_analyse_is_taken_over(page: MakePage, scored: str) -> None:
    assert "**room.csv**, scored with **room, version 1**" in texts(page("trust", analysis=scored))


def test_of_two_files_the_one_taken_up_last_is_judged(stand: Stand, page: MakePage, scored: str) -> None:
    later = str(stand.client.upload("/v1/analyses", stand.readings.read_bytes(), params={"name": "later.csv"})["id"])
    stand.client.post(f"/v1/analyses/{later}/score", {"artifact": "room"})
    assert "**room.csv**" in texts(page("trust", trust_analysis=(scored, later), analysis=later))
    assert "**later.csv**" in texts(page("trust", trust_analysis=(scored, None), analysis=later))


def test_a_file_that_is_gone_is_asked_for_anew(stand: Stand, page: MakePage, scored: str) -> None:
    stand.client.delete(f"/v1/analyses/{scored}")
    seen = page("trust", trust_analysis=(scored, None))
    assert not seen.exception
    assert not seen.error
    assert "room.csv" not in texts(seen)


def test_other_limits_are_told_with_what_can_be_borne(page: MakePage, scored: str) -> None:
    seen = page("trust", query={"view": "strict"}, trust_analysis=(scored, None))
    assert not seen.exception
    shown = texts(seen)
    for word in ("**Promised**", "**Came out**", "**Long enough?**", "**Suggested**", "(in force)"):
        assert word in shown
    seen.text_input(key="trust_bearable").set_value("1 per device per year").run()
    assert "keeps within 1 false alarm per device per year" in texts(seen)
    seen.text_input(key="trust_bearable").set_value("many").run()
    assert not seen.exception
    assert seen.error, "a budget that means nothing is said to mean nothing"


def test_two_artifacts_stand_side_by_side_and_the_file_stays_as_it_was(
    stand: Stand, page: MakePage, scored: str
) -> None:
    seen = page("trust", query={"view": "better"}, trust_analysis=(scored, None))
    press(seen, "Compare")
    assert not seen.exception
    shown = texts(seen)
    assert "| figure | room, version 1 | room, version 2 |" in shown
    assert "| events told |" in shown
    assert stand.client.get(f"/v1/analyses/{scored}")["scored"]["version"] == 1


def test_a_rehearsal_runs_as_a_job_and_ends_as_a_matrix(page: MakePage, scored: str) -> None:
    seen = page("trust", query={"view": "missed"}, trust_analysis=(scored, None))
    seen.radio[0].set_value(10)
    press(seen, "Rehearse")
    ends = time.monotonic() + 60
    while "stretches ring without any fault" not in texts(seen) and time.monotonic() < ends:
        time.sleep(0.2)
        seen.run()
    assert not seen.exception
    shown = texts(seen)
    assert "| level shift |" in shown
    assert "Before you believe these figures" in shown
    press(seen, "Rehearse again")
    assert [button.label for button in seen.button if button.label == "Rehearse"]
