"""How sources and sinks are written: refused by name, and shown without what nobody should see."""

from __future__ import annotations

import pytest

from tocsin.core.discover import load, names
from tocsin.core.errors import SettingError
from tocsin.core.live import Expected, Sink, Source
from tocsin.wiring.urls import Written

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("room", "url", "shown"),
    [
        ("sources", f"kafka://anna:{SECRET}@host:9092/readings?group=a", "kafka://host:9092/readings?group=a"),
        ("sources", f"sql:postgresql://u:{SECRET}@h/db?table=t", "sql:postgresql://h/db?table=t"),
        ("sinks", f"webhook:https://hooks.example.com/T0/{SECRET}", "webhook:https://hooks.example.com/…"),
        ("sinks", f"webhook:https://u:{SECRET}@example.com/x?secret={SECRET}", "webhook:https://example.com/…"),
        ("sinks", f"notify:slack://{SECRET}/b/c", "notify:slack://…"),
        ("sinks", f"notify:mailto://u:{SECRET}@example.com?to=a@b", "notify:mailto://…"),
        ("sinks", f"alertmanager:http://host:9093?bearer_token={SECRET}&x=1", "alertmanager:http://host:9093?bearer_token=…&x=1"),
        ("sinks", "log", "log"),
        ("sinks", "log:incidents.jsonl", "log:incidents.jsonl"),
    ],
)  # fmt: skip
def test_secrets_are_not_shown(room: str, url: str, shown: str) -> None:
    found = Written.parse(room, url, where="--source").shown()
    assert found == shown
    assert SECRET not in found


def test_the_place_is_the_same_however_it_is_reached() -> None:
    one, other = (
        Written.parse("sources", f"kafka://{login}host:9092/readings{settings}", where="").place()
        for login, settings in (("", ""), (f"anna:{SECRET}@", "?group=tocsin&payload=json"))
    )
    assert one == other == "kafka://host:9092/readings"


def test_two_tables_of_a_database_are_two_places() -> None:
    one, other = (Written.parse("sources", f"sql:sqlite:///a.db?table={t}&key=id", where="").place() for t in "ab")
    assert one != other


def test_a_name_that_there_is_not_is_refused_without_its_secrets() -> None:
    with pytest.raises(SettingError, match=r"there is no source 'mqqt'.*there are: .*kafka") as told:
        Written.parse("sources", f"mqqt://anna:{SECRET}@host/plant", where="--source")
    assert SECRET not in str(told.value)
    assert "--source is 'mqqt://host/plant'" in str(told.value)


def test_what_a_part_refuses_is_told_with_its_place() -> None:
    written = Written.parse("sources", "kafka://host:9092/readings?no_such_setting=1", where="[source.plant]")
    with pytest.raises(SettingError, match=r"^\[source.plant\]: .*no_such_setting"):
        written.part(Expected())


@pytest.mark.parametrize(("room", "kind"), [("sources", Source), ("sinks", Sink)])
def test_every_part_can_be_found_by_its_name(room: str, kind: type) -> None:
    for name in names(room):
        assert issubclass(load(room, name), kind)
