from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tocsin.core.errors import SettingError
from tocsin.core.notices import Failure, Notice
from tocsin.sinks import sink_of
from tocsin.sinks._selected import Selected, Wanted
from tocsin.sinks.alertmanager import Alertmanager
from tocsin.sinks.log import Log
from tocsin.testing.sink_checks import story
from tocsin.testing.toy_sink import ToySink


def sent(wanted: Wanted, notices: Sequence[Notice]) -> list[tuple[str, int]]:
    sink = ToySink()
    assert list(Selected(sink, wanted).send(notices)) == []
    return sink.told


def test_kinds_are_chosen() -> None:
    assert sent(Wanted(kinds=("open", "close")), story("a")) == [("a", 0), ("a", 2)]


def test_grades_are_chosen_from_one_on() -> None:
    minor, major, critical = (replace(story(grade)[0], grade=grade) for grade in ("minor", "major", "critical"))
    assert sent(Wanted(grade="major"), [minor, major, critical]) == [("major", 0), ("critical", 0)]


def test_anomalies_and_silence_are_chosen() -> None:
    silent = replace(story("s")[0], what="stale")
    assert sent(Wanted(what=("stale",)), [*story("a"), silent]) == [("s", 0)]


def test_an_incident_that_grows_is_told_of_when_it_has_grown_and_once() -> None:
    opened, later, closed = story("a")
    grown = replace(later, grade="critical")
    more = replace(grown, revision=2)
    over = replace(closed, grade="critical", revision=3)
    wanted = Wanted(kinds=("open", "close"), grade="critical")
    assert sent(wanted, [opened, grown, more, over]) == [("a", 1), ("a", 3)]


def test_news_of_growth_that_failed_is_sent_again() -> None:
    _, later, _ = story("a")
    sink = ToySink(lambda notice: Failure(notice, "away"))
    chosen = Selected(sink, Wanted(kinds=("open", "close"), grade="major"))
    assert [failure.notice for failure in chosen.send([later])] == [later]
    sink.refuse = lambda _: None
    assert list(chosen.send([later])) == []
    assert sink.told == [("a", 1)]


def test_a_sink_is_wrapped_only_where_something_is_chosen(tmp_path: Path) -> None:
    assert isinstance(sink_of("log", f"{tmp_path}/a.jsonl?format=cloudevents"), Log)
    assert isinstance(sink_of("log", f"{tmp_path}/a.jsonl?grade=major"), Selected)
    assert isinstance(sink_of("notify", "json://localhost"), Selected), "people are told of opens and closes"
    assert not isinstance(sink_of("notify", "json://localhost?kinds=open,update,close"), Selected)


def test_what_a_sink_says_of_its_receiver_is_kept() -> None:
    assert sink_of("alertmanager", "//localhost?grade=major").repeat_s == Alertmanager.repeat_s > 0


def test_a_sink_is_closed_with_its_choice() -> None:
    sink = ToySink()
    Selected(sink, Wanted()).close()
    assert sink.closed.is_set()


@pytest.mark.parametrize("setting", ["kinds=opened", "grade=high", "what=all", "kinds="])
def test_what_there_is_not_is_refused_with_what_there_is(setting: str) -> None:
    with pytest.raises(SettingError) as refused:
        sink_of("log", f"-?{setting}")
    assert "Choose from" in refused.value.remedy
