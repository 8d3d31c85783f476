"""The page "Analyse a file": what is wrong first, corrections a click away, and what rang."""

from __future__ import annotations

import gzip
import time
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.dashboard.conftest import MakePage, Stand, press, texts

import tocsin.dashboard.analyse
from tocsin.dashboard.launch import ARTIFACT
from tocsin.training.simulate.environment import Environment

HOURS = [f"2026-03-01T{hour:02d}:{minute:02d}:00" for hour in range(24) for minute in (0, 20, 40)]


def sent(stand: Stand, content: bytes, name: str = "own.csv") -> str:
    return str(stand.client.upload("/v1/analyses", content, params={"name": name})["id"])


def rows(*lines: str, head: str = "time,temp,flow") -> bytes:
    return "\n".join([head, *lines, ""]).encode()


def labels(seen: AppTest) -> list[str]:
    return [button.label for button in seen.button]


@pytest.fixture
def scored(stand: Stand) -> str:
    id = sent(stand, stand.readings.read_bytes(), "room.csv")
    stand.client.post(f"/v1/analyses/{id}/score?wait=60", {"artifact": "room"})
    return id


def test_it_begins_with_a_drop_zone_and_an_example(page: MakePage) -> None:
    seen = page("analyse")
    assert not seen.exception
    assert "Try with an example room" in labels(seen)


def test_the_example_is_read_at_once(page: MakePage) -> None:
    seen = press(page("analyse"), "Try with an example room")
    assert not seen.exception
    assert "4,032 readings of 1 device" in texts(seen)


def test_the_example_is_a_simulated_room() -> None:
    path = Path(tocsin.dashboard.analyse.__file__).with_name("example-room.csv.gz")
    assert gzip.decompress(path.read_bytes()).decode() == Environment(rows=4032, seed=11).table().write_csv()


def test_an_unreadable_file_says_why_and_a_button_puts_it_right(stand: Stand, page: MakePage) -> None:
    content = rows(*(f"{at},{'ERR' if at.endswith('40:00') else 20},{number}" for number, at in enumerate(HOURS)))
    seen = page("analyse", analysis=sent(stand, content))
    assert "'ERR'" in seen.error[0].value
    assert "--missing" not in texts(seen), "what to do are buttons here"
    assert "ERR" in "\n".join(block.value for block in seen.markdown), "the first rows are shown as they are"
    press(seen, "Take 'ERR' as missing")
    assert not seen.error
    assert "72 readings" in texts(seen)


def test_what_is_wrong_is_said_first(stand: Stand, page: MakePage) -> None:
    lines = [f"{at},{number % 7},7" for number, at in enumerate(HOURS)]
    seen = page("analyse", analysis=sent(stand, rows(*reversed(lines[:9]), *lines[9:])))
    assert seen.warning
    assert "Sort by time" in labels(seen)
    press(seen, "Sort by time")
    assert "Sort by time" not in labels(seen)
    assert "in order of time" in texts(seen)


def test_the_form_reads_the_file_otherwise(stand: Stand, page: MakePage) -> None:
    seen = page("analyse", analysis=sent(stand, stand.readings.read_bytes()))
    seen.multiselect[0].set_value(["light"])
    press(seen, "Read it so")
    assert not seen.exception
    read = stand.client.get(f"/v1/analyses/{seen.session_state['analysis']}")
    assert read["overrides"]["exclude"] == ["light"]
    assert "light" not in [channel["name"] for channel in read["layout"]["channels"]]


def test_the_only_artifact_that_fits_scores_the_file_at_once(stand: Stand, page: MakePage) -> None:
    seen = page("analyse", analysis=sent(stand, stand.readings.read_bytes()))
    assert not seen.exception
    assert "Scored with **room**" in texts(seen)
    assert "What rang" in [header.value for header in seen.header]


def test_of_two_artifacts_that_fit_one_is_chosen_and_taken_again_after_a_correction(
    stand: Stand, page: MakePage
) -> None:
    stand.client.upload("/v1/artifacts/spare", stand.artifacts[0].read_bytes())
    seen = page("analyse", analysis=sent(stand, stand.readings.read_bytes()))
    assert "What rang" not in [header.value for header in seen.header]
    seen.selectbox[-1].set_value("spare")
    press(seen, "Score the file")
    assert "Scored with **spare**" in texts(seen)
    press(seen, "Read it so")
    assert "Scored with **spare**" in texts(seen)


def test_the_artifact_that_the_dashboard_began_with_scores_the_file_at_once(
    stand: Stand, page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand.client.upload("/v1/artifacts/spare", stand.artifacts[0].read_bytes())
    monkeypatch.setenv(ARTIFACT, "spare")
    assert "Scored with **spare**" in texts(page("analyse", analysis=sent(stand, stand.readings.read_bytes())))


def test_what_no_artifact_fits_waits_for_a_choice(stand: Stand, page: MakePage) -> None:
    seen = page("analyse", analysis=sent(stand, rows(*(f"{at},{n % 7},{n % 5}" for n, at in enumerate(HOURS)))))
    assert "What rang" not in [header.value for header in seen.header]
    assert "Score the file" in labels(seen)


def test_training_is_followed_and_ends_in_a_result(stand: Stand, page: MakePage) -> None:
    seen = page("analyse", analysis=sent(stand, stand.readings.read_bytes(), "room 2.csv"))
    seen.segmented_control[0].set_value("Train on this file").run()
    seen.selectbox[-1].set_value("rolling_zscore")
    press(seen, "Train now")
    wait_for(stand)
    seen.run()
    assert not seen.exception
    assert "Scored with **room-2**, version 1" in texts(seen)


def wait_for(stand: Stand) -> None:
    until = time.monotonic() + 60
    while stand.client.get("/v1/jobs")["jobs"][0]["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_moved_limit_says_at_once_what_would_have_rung(stand: Stand, scored: str, page: MakePage) -> None:
    seen = page("analyse", analysis=scored)
    assert not seen.exception
    seen.slider[0].set_value(2.0).run()
    told: Any = stand.client.get(f"/v1/analyses/{scored}/whatif", {"times": 2.0})
    assert told["text"].split(";")[0] in texts(seen).replace("\\", "")
    assert "Keep it as a new version" in labels(seen)


def test_a_kept_limit_is_a_new_version(stand: Stand, scored: str, page: MakePage) -> None:
    stand.client.upload("/v1/artifacts/spare", stand.artifacts[0].read_bytes())
    stand.client.post(f"/v1/analyses/{scored}/score?wait=60", {"artifact": "spare"})
    seen = page("analyse", analysis=scored)
    seen.slider[0].set_value(2.0).run()
    press(seen, "Keep it as a new version")
    assert not seen.exception
    old, new = (stand.client.get(f"/v1/artifacts/spare/{version}") for version in (1, 2))
    assert new["limit"] == pytest.approx(2 * old["limit"])


def test_a_device_may_have_any_name(stand: Stand, page: MakePage) -> None:
    table = stand.readings.read_text("utf-8").splitlines()
    named = [table[0] + ",device", *(f"{row},__a__*|$b<_" for row in table[1:])]
    id = sent(stand, "\n".join([*named, ""]).encode())
    stand.client.put(f"/v1/analyses/{id}/overrides", {"device": "device"})
    stand.client.post(f"/v1/analyses/{id}/score?wait=60", {"artifact": "room"})
    seen = page("analyse", analysis=id)
    assert not seen.exception
    assert seen.slider


def test_incidents_say_why_and_lead_to_their_place(stand: Stand, scored: str, page: MakePage) -> None:
    seen = page("analyse", analysis=scored)
    worst = max(
        stand.client.get(f"/v1/analyses/{scored}")["scored"]["incidents"], key=lambda incident: incident["severity"]
    )
    assert worst["cause"].split(" ")[0] in texts(seen).replace("\\", "")
    press(seen, "Zoom to")
    since, until = seen.session_state["an_zoom"]
    assert since < worst["start"] <= worst["end"].removesuffix("Z") < until


def test_a_file_that_the_service_has_lost_is_asked_for_again(page: MakePage) -> None:
    seen = page("analyse", analysis="gone")
    assert not seen.exception
    assert "Drop it again" in texts(seen)


def test_who_may_only_look_is_told_so(page: MakePage) -> None:
    seen = page("analyse", scope="read")
    assert "may operate" in texts(seen)
    assert not labels(seen)
