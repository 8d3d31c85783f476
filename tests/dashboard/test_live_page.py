"""The page Live: incidents are answered from a form that stands still, and an absent service is said plainly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.dashboard.conftest import Made, MakePage, Stand, serving

from tocsin.dashboard.live._answer import ANSWERING


@pytest.fixture
def stand(made: Made, tmp_path: Path) -> Iterator[Stand]:
    """A service of its own for each test: incidents are answered here."""
    with serving(made, tmp_path) as found:
        yield found


def test_an_answer_arrives_in_the_store_with_note_and_name(stand: Stand, page: MakePage) -> None:
    seen = page("live", **{ANSWERING: "1f"})
    assert not seen.exception
    seen.radio(key="label_1f").set_value("false")
    seen.text_input(key="note_1f").set_value("door was open")
    seen.text_input(key="by_1f").set_value("Kim")
    seen.button[0].click().run()
    found = stand.store.incident("1f")[0]
    assert (found.label, found.note) == ("false", "door was open")
    assert stand.store.answers("1f")[-1].by == "Kim"
    assert not seen.session_state[ANSWERING], "the form has gone"
    assert not seen.radio


def test_seeing_to_it_leaves_the_label_open(stand: Stand, page: MakePage) -> None:
    seen = page("live", scope="operate", **{ANSWERING: "1f"})
    assert seen.text_input(key="by_1f").value == "operate", "the token's name is who answers, unless told otherwise"
    seen.button[1].click().run()
    found = stand.store.incident("1f")[0]
    assert (found.acknowledged_by, found.label) == ("operate", "")


def test_another_word_must_be_a_word(stand: Stand, page: MakePage) -> None:
    seen = page("live", **{ANSWERING: "1f"})
    seen.radio(key="label_1f").set_value("")
    seen.button[0].click().run()
    assert "Type it beside" in seen.warning[0].value
    assert stand.store.incident("1f")[0].label == ""
    seen.text_input(key="word_1f").set_value("bearing")
    seen.button[0].click().run()
    assert stand.store.incident("1f")[0].label == "bearing"


def test_who_may_only_look_is_offered_no_answer(page: MakePage) -> None:
    seen = page("live", scope="read", **{ANSWERING: "1f"})
    assert not seen.exception
    assert not seen.radio


def test_an_incident_that_is_gone_is_said_to_be(page: MakePage) -> None:
    seen = page("live", **{ANSWERING: "nothing"})
    assert "nothing" in seen.error[0].value
    assert not seen.exception


def test_the_address_of_a_device_leads_to_it(page: MakePage) -> None:
    seen = page("live", query={"device": "pump-1", "minutes": "60"})
    assert not seen.exception
    assert "pump-1" in [header.value for header in seen.header]
    assert seen.button_group[0].value == 60
    next(button for button in seen.button if button.key == "live_close").click().run()
    assert "device" not in seen.query_params


def test_a_device_that_nobody_knows_is_no_error(page: MakePage) -> None:
    seen = page("live", query={"device": "nobody/../x"})
    assert not seen.exception
    assert "Nothing is known" in seen.info[0].value


def test_a_wall_has_nothing_to_click(page: MakePage) -> None:
    seen = page("live", query={"wall": "1"})
    assert not seen.exception
    assert not seen.button
    assert not seen.text_input
