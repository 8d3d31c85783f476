"""A plan becomes parts; what runs on may be exchanged, and what may not says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tocsin.alerting.span import Span
from tocsin.artifact import bundle
from tocsin.core.errors import ArtifactError, SettingError
from tocsin.engine.forward import Forward
from tocsin.training.fit import fit
from tocsin.training.recipe import Recipe
from tocsin.training.simulate.environment import Environment
from tocsin.wiring.assembly import Assembly, expected
from tocsin.wiring.duty_settings import USUAL_SILENCE
from tocsin.wiring.watch_plan import WatchPlan

CONFIG: dict[str, dict[str, Any]] = {
    "source": {"plant": {"url": "kafka://localhost:9/readings"}, "lab": {"url": "tail:lab.csv"}},
    "sink": {"desk": {"url": "log"}, "file": {"url": "log:incidents.jsonl"}},
    "watch": {
        "rooms": {"artifact": "room.tocsin", "source": "plant", "devices": ["room-*"], "stale_after": 5},
        "others": {"artifact": "room.tocsin", "source": "plant", "keep": "all"},
        "lab": {"artifact": "room.tocsin", "source": "lab", "stale_after": "never", "forget_after": "never"},
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("watch")
    room = folder / "room.csv"
    Environment(rows=300, seed=3).table().write_csv(room)
    fit(room, Recipe(detector="rolling_zscore", window=12)).save(folder / "room.tocsin")
    return folder


@pytest.fixture
def assembly(folder: Path) -> Assembly:
    return Assembly.of(WatchPlan.of(CONFIG, folder=folder))


def test_duties_belong_to_their_source_in_order(assembly: Assembly) -> None:
    rooms, others = assembly.duties["plant"]
    assert [rooms.name, others.name] == ["rooms", "others"]
    assert rooms.fits("room-1") > rooms.fits("hall")
    assert (rooms.stale_after, others.stale_after) == (Span(5), USUAL_SILENCE)
    assert rooms.silence_ns == 5 * 600 * 10**9
    assert (others.keep_every_ns, rooms.keep_every_ns) == (0, 60 * 10**9)
    (lab,) = assembly.duties["lab"]
    assert (lab.silence_ns, lab.forget_after_ns) == (0, 0)


def test_a_source_knows_what_the_artifacts_were_trained_on(assembly: Assembly) -> None:
    found = expected(assembly.duties["plant"])
    assert found.channels == ("temperature", "humidity", "light", "loudness", "air_quality")
    assert (found.time, found.time_format, found.timezone) == (("time",), "iso", "UTC")
    assert "NaN" in found.missing


def test_rows_that_were_counted_have_no_cadence(folder: Path) -> None:
    artifact = bundle.load(folder / "room.tocsin")
    counted = replace(artifact, provenance=replace(artifact.provenance, row_clock=True))
    bundle.save(counted, folder / "counted.tocsin")
    watch = {"artifact": "counted.tocsin"}
    plan: dict[str, dict[str, Any]] = {"source": {"s": {"url": "tail:-"}}, "watch": {"w": watch}}
    (duty,) = Assembly.of(WatchPlan.of(plan, folder=folder)).duties["s"]
    assert duty.silence_ns == 0
    with pytest.raises(SettingError, match=r"\[watch.w\] stale_after is a number of cadences, but the artifact"):
        Assembly.of(WatchPlan.of({**plan, "watch": {"w": {**watch, "stale_after": 5}}}, folder=folder))


def test_what_is_set_as_before_goes_on(assembly: Assembly, folder: Path) -> None:
    sinks = {**CONFIG["sink"], "file": {"url": "log:elsewhere.jsonl"}, "more": {"url": "log:more.jsonl"}}
    after = assembly.reloaded(WatchPlan.of({**CONFIG, "sink": sinks}, folder=folder))
    assert after.sinks["desk"] is assembly.sinks["desk"]
    assert after.sinks["file"] is not assembly.sinks["file"]
    assert set(after.sinks) == {"desk", "file", "more"}
    assert after.sources is assembly.sources


@pytest.mark.parametrize(
    ("section", "value"),
    [
        ("source", {**CONFIG["source"], "lab": {"url": "tail:other.csv"}}),
        ("store", {"url": "sqlite:///other.db"}),
        ("metrics", {"address": "127.0.0.1:1"}),
        ("service", {"url": "http://127.0.0.1:1"}),
    ],
)
def test_what_memory_hangs_on_needs_a_restart(
    section: str, value: dict[str, dict[str, str]], assembly: Assembly, folder: Path
) -> None:
    with pytest.raises(SettingError, match=r"cannot be exchanged while they run\. Restart the watch"):
        assembly.reloaded(WatchPlan.of({**CONFIG, section: value}, folder=folder))


def test_a_broken_artifact_is_told_with_its_place(folder: Path) -> None:
    (folder / "broken.tocsin").write_bytes((folder / "room.tocsin").read_bytes()[:-100])
    watch = {"source": {"s": {"url": "tail:-"}}, "watch": {"w": {"artifact": "broken.tocsin"}}}
    with pytest.raises(ArtifactError, match=r"^\[watch.w\] artifact: broken.tocsin is no tocsin artifact"):
        Assembly.of(WatchPlan.of(watch, folder=folder))


def test_a_service_is_told_only_where_one_is_named(assembly: Assembly, folder: Path) -> None:
    assert assembly.herald(token="") is None
    told = Assembly.of(WatchPlan.of({**CONFIG, "service": {"url": "https://plant.example/tocsin/"}}, folder=folder))
    herald = told.herald(token="secret")
    assert herald is not None
    assert herald.place == "https://plant.example/tocsin"
    wrong = Assembly.of(WatchPlan.of({**CONFIG, "service": {"url": "plant.example"}}, folder=folder))
    with pytest.raises(SettingError, match=r"'plant\.example' is no service"):
        wrong.herald(token="")


CENTRE: dict[str, dict[str, Any]] = {
    "source": {"edges": {"url": "mqtt://localhost:9/tocsin/+/windows?payload=cascade"}},
    "watch": {"w": {"artifact": "room.tocsin"}},
}


def test_between_stretches_there_is_no_silence_unless_somebody_says_so(folder: Path) -> None:
    (duty,) = Assembly.of(WatchPlan.of(CENTRE, folder=folder)).duties["edges"]
    assert (duty.silence_ns, duty.forward) == (0, None)
    said = {"w": {"artifact": "room.tocsin", "stale_after": "1d"}}
    (duty,) = Assembly.of(WatchPlan.of({**CENTRE, "watch": said}, folder=folder)).duties["edges"]
    assert duty.silence_ns == 86_400 * 10**9


def test_a_centre_that_hears_devices_itself_too_minds_their_silence(folder: Path) -> None:
    sources = {**CENTRE["source"], "own": {"url": "mqtt://localhost:9/plant/+/env"}}
    watch = {"w": CENTRE["watch"]["w"] | {"source": "own"}, "e": CENTRE["watch"]["w"] | {"source": "edges"}}
    found = Assembly.of(WatchPlan.of({"source": sources, "watch": watch}, folder=folder)).duties
    assert [found[name][0].stale_after for name in ("own", "edges")] == [USUAL_SILENCE, None]


def test_readings_without_times_cannot_be_a_centres(folder: Path) -> None:
    artifact = bundle.load(folder / "room.tocsin")
    bundle.save(replace(artifact, provenance=replace(artifact.provenance, row_clock=True)), folder / "counted.tocsin")
    with pytest.raises(SettingError, match=r"\[watch.w\]: an artifact whose readings have no times"):
        Assembly.of(WatchPlan.of({**CENTRE, "watch": {"w": {"artifact": "counted.tocsin"}}}, folder=folder))


def test_an_edge_forwards_as_its_settings_say(folder: Path) -> None:
    cascade = {"uplink": "mqtt://centre/tocsin", "edge": "hall-3", "forward": 0.8, "before": 30, "after": 9}
    edge = WatchPlan.of({**CONFIG, "cascade": cascade}, folder=folder)
    assembly = Assembly.of(edge)
    assert {duty.forward for own in assembly.duties.values() for duty in own} == {
        Forward(level=0.8, before=30, after=9)
    }
    with pytest.raises(SettingError, match="cascade cannot be exchanged"):
        assembly.reloaded(WatchPlan.of({**CONFIG, "cascade": {**cascade, "edge": "hall-4"}}, folder=folder))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"forward": 1.5}, r"\[cascade\]: The forwarding level is 1.5"),
        ({"before": 0}, r"\[cascade\]: Context is 0 readings before"),
        ({"after": 2}, r"\[cascade\] after is 2, but up to 3 missing readings are bridged"),
        ({"gather": "soon"}, r"\[cascade\] gather is 'soon'"),
        ({"keep": "never"}, r"\[cascade\] keep is 'never'"),
        ({"edge": "hall/3"}, "'hall/3' cannot be an edge's name"),
        ({"uplink": "kafka://centre/tocsin"}, r"\[cascade\] uplink is 'kafka:…', no broker"),
    ],
)
def test_a_cascade_that_cannot_be_is_refused_by_name(folder: Path, wrong: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingError, match=told):
        Assembly.of(WatchPlan.of({**CONFIG, "cascade": {"uplink": "mqtt://centre/tocsin", **wrong}}, folder=folder))


def test_a_source_knows_how_much_context_windows_and_incidents_need(assembly: Assembly) -> None:
    """A window of twelve, and three windows below the limit that end an incident."""
    assert expected(assembly.duties["plant"]).context == (11, 14)
    assert expected([]).context == (0, 0)
