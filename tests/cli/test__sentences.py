"""News on a terminal: a sentence for each notice, whole, whatever it is written in, and harmless."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from tocsin.cli._sentences import Sentences

NOTICE = {
    "opened": "2026-11-22T14:54:13Z", "end": "2026-11-22T15:10:00Z", "kind": "open", "what": "anomaly",
    "grade": "major", "text": "room-1: major anomaly opened",
}  # fmt: skip


def printed(*written: str) -> str:
    paper = io.StringIO()
    out = Sentences(Console(file=paper, width=60))
    for part in written:
        out.write(part)
    return paper.getvalue()


@pytest.mark.parametrize("document", [NOTICE, {"specversion": "1.0", "data": NOTICE}])
def test_a_notice_is_a_sentence_bare_or_in_an_envelope(document: dict[str, Any]) -> None:
    assert printed(json.dumps(document) + "\n") == "14:54:13  room-1: major anomaly opened\n"


def test_a_close_bears_the_time_of_its_end() -> None:
    assert printed(json.dumps({**NOTICE, "kind": "close", "text": "over"}) + "\n") == "15:10:00  over\n"


@given(cut=st.integers(0, 200))
def test_it_may_come_in_pieces(cut: int) -> None:
    text = json.dumps(NOTICE) + "\n" + json.dumps(NOTICE) + "\n"
    assert printed(text[:cut], text[cut:]) == "14:54:13  room-1: major anomaly opened\n" * 2


@pytest.mark.parametrize(
    "line", ["no JSON", "[1, 2]", '"text"', '{"text": "of something else"}', "[bold]not markup[/bold]"]
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert printed(line + "\n") == line + "\n"


def test_a_device_cannot_command_the_terminal() -> None:
    assert "\x1b" not in printed(json.dumps({**NOTICE, "text": "room\x1b[2J"}) + "\n")
