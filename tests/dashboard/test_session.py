"""Who looks: a token is asked for where one is needed, opens what it may, and is forgotten with all that it showed."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from tests.dashboard.conftest import MakePage, Stand, press, texts

from tocsin.dashboard.launch import SERVICE
from tocsin.testing.servers import free_port

ALL = "page.show()\nfrom tocsin.dashboard._session import show_visitor\nshow_visitor()"


def entered(seen: AppTest, secret: str) -> AppTest:
    seen.text_input[0].set_value(secret)
    return press(seen, "Enter")


def welcomed(seen: AppTest) -> bool:
    return [title.value for title in seen.title] == ["Welcome"]


def test_a_wrong_token_is_said_to_be_one_and_the_right_one_leads_on(stand: Stand, page: MakePage) -> None:
    seen = page("shelf", scope="")
    assert welcomed(seen)
    assert not seen.error, "nobody has done anything wrong yet"
    entered(seen, "tocsin_wrong")
    assert welcomed(seen)
    assert "token" in seen.error[0].value
    entered(seen, f" {stand.tokens['read']}\n")
    assert not seen.exception
    assert [title.value for title in seen.title] == ["Artifacts"]


def test_the_dashboards_own_token_that_is_wrong_is_said_to_be(
    stand: Stand, page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(stand.tokens, "wrong", "tocsin_wrong")
    seen = page("shelf", scope="wrong")
    assert welcomed(seen)
    assert seen.error


def test_a_token_that_is_revoked_while_the_page_is_open_leads_back(stand: Stand, page: MakePage) -> None:
    secret = stand.ring.create("guest", stand.ring.all()[0].scope)
    seen = entered(page("shelf", scope=""), secret)
    assert not welcomed(seen)
    seen.session_state["analysis"] = "seen with the token"
    stand.ring.revoke("guest")
    seen.run()
    assert not seen.exception
    assert welcomed(seen)
    assert "token" in seen.error[0].value
    assert "analysis" not in seen.session_state
    assert not welcomed(entered(seen, stand.tokens["read"]))


def test_who_leaves_leaves_nothing_behind(stand: Stand, page: MakePage) -> None:
    seen = entered(page("shelf", body=ALL, scope=""), stand.tokens["operate"])
    assert "You are here as **operate**, who may operate." in texts(seen)
    seen.session_state["analysis"] = "seen with the token"
    press(seen, "Leave")
    assert welcomed(seen)
    assert "analysis" not in seen.session_state


def test_who_never_said_who_they_are_cannot_leave(page: MakePage) -> None:
    assert "Leave" not in [button.label for button in page("shelf", body=ALL).button]


@pytest.mark.parametrize("room", ["analyse", "live", "trust", "shelf"])
def test_who_may_look_is_offered_nothing_else(room: str, page: MakePage) -> None:
    seen = page(room, scope="read")
    assert not seen.exception
    assert not seen.button
    assert not seen.file_uploader


@pytest.mark.parametrize("room", ["analyse", "live", "trust", "shelf"])
def test_a_service_that_is_away_is_said_to_be_at_once(
    room: str, page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = page(room)
    monkeypatch.setenv(SERVICE, f"http://127.0.0.1:{free_port()}")
    lost = AppTest.from_string(f"from tocsin.dashboard.{room} import page\npage.show()", default_timeout=60).run()
    assert not seen.exception
    assert "cannot be reached" in lost.error[0].value
    assert "goes on by itself" in texts(lost)
