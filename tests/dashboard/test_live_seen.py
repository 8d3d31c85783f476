"""Where the service is away, the page keeps what it knew and says since when; it comes back by itself."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from tests.dashboard.conftest import MakePage, Stand

from tocsin.dashboard._client import Client, ProblemError


def _shows() -> None:
    import streamlit as st

    from tocsin.dashboard.live._fleet import head, incidents
    from tocsin.dashboard.live._seen import away

    st.json({"head": head(), "away": away(), "incidents": incidents()})


def _told(seen: AppTest) -> dict[str, Any]:
    import json

    found: dict[str, Any] = json.loads(seen.json[0].value)
    return found


def test_what_was_known_stays_and_the_outage_has_a_beginning(
    stand: Stand, page: MakePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    del page
    seen = AppTest.from_function(_shows, default_timeout=60)
    seen.session_state["tocsin_client"], seen.session_state["tocsin_me"] = stand.client, {"scope": "admin"}
    known = _told(seen.run())
    assert known["away"] == ""
    asked = Client.get

    def gone(*_: object) -> None:
        raise ProblemError(0, "The service cannot be reached.")

    monkeypatch.setattr(Client, "get", gone)
    lost = _told(seen.run())
    assert lost["head"]["head"] == known["head"]["head"]
    assert lost["incidents"]["incidents"] == known["incidents"]["incidents"]
    assert str(lost["away"]).startswith("The service cannot be reached. Away since ")
    assert str(_told(seen.run())["away"]) == str(lost["away"]), "since when does not move on"
    monkeypatch.setattr(Client, "get", asked)
    assert _told(seen.run())["away"] == ""
