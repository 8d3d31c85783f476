"""An explanation is of the very window that was scored, finds the reading that is meant, and says what is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError, SettingError, TocsinError
from tocsin.core.verdicts import Status
from tocsin.engine._retraced import retrace
from tocsin.engine.explaining import Explanation, explain, scene_of
from tocsin.engine.scorer import Scorer
from tocsin.graph.run import Runner
from tocsin.sources import Overrides, Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
FAULT = 150


def frame(rows: int = 300, *, device: str | None = None, seed: int = 1, fault: int | None = FAULT) -> pl.DataFrame:
    """Two channels of one rhythm, a reading a minute, of which b goes astray from ``fault`` on for eight readings."""
    rng, wave = np.random.default_rng(seed), np.sin(np.arange(rows) / 10)
    b = 50 - 5 * wave + rng.normal(0, 0.2, rows)
    if fault is not None:
        b[fault : fault + 8] += 12
    stamps = [(BEGIN + timedelta(minutes=k)).strftime("%Y-%m-%d %H:%M:%S") for k in range(rows)]
    columns = {"time": stamps, "a": 20 + 3 * wave + rng.normal(0, 0.2, rows), "b": b}
    return pl.DataFrame(columns if device is None else {"device": [device] * rows, **columns})


def stamp(minute: int) -> str:
    return (BEGIN + timedelta(minutes=minute)).strftime("%Y-%m-%d %H:%M:%S")


def trained(detector: str = "rolling_zscore", **settings: object) -> Scorer:
    window = {"rolling_zscore": 12, "lstm_autoencoder": 5}.get(detector)
    recipe = Recipe(detector=detector, window=window, settings=settings, raise_after=1)
    return Scorer(train(open_table(frame(400, fault=None)), recipe))


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return trained()


@pytest.fixture(scope="module")
def forest() -> Scorer:
    return trained("isolation_forest", trees=50)


@pytest.fixture(scope="module")
def network() -> Scorer:
    return trained("lstm_autoencoder", epochs=20, hidden=(8,), learning_rate=1e-2)


@pytest.fixture(scope="module")
def table() -> Table:
    return open_table(frame())


def gathering(artifact: Artifact) -> Artifact:
    """Return the artifact with a clock that gathers readings into minutes."""
    return replace(artifact, clock=replace(artifact.clock, align=True, lateness_ns=60 * 10**9))


@pytest.mark.parametrize("align", [False, True])
def test_the_windows_walked_again_are_those_that_were_scored(align: bool, scorer: Scorer, table: Table) -> None:
    holes = np.where(np.random.default_rng(0).random((300, 2)) < 0.2, np.nan, table.readings.values)
    readings = replace(table.readings, values=holes)
    own = Scorer(gathering(scorer.artifact)) if align else scorer
    verdicts, again = own.run(readings, ("-",)), retrace(own.artifact, readings)
    np.testing.assert_array_equal(again.time, verdicts.time)
    np.testing.assert_array_equal(again.status, verdicts.status)
    ready = again.status == Status.ok
    assert 50 < ready.sum() < 300
    np.testing.assert_array_equal(Runner(own.artifact.graph)(again.windows[ready]).score, verdicts.score[ready])


def test_the_beginning_of_the_worst_incident_is_explained_unless_someone_says_otherwise(
    scorer: Scorer, table: Table
) -> None:
    found = explain(scorer, table)
    worst = max(scorer.judge(table).incidents, key=lambda told: told.severity)
    assert found.incident is not None
    assert found.time == found.incident["start"]
    assert found.incident["severity"] == worst.severity
    assert found.status == "anomalous"
    assert found.ranked()[0].channel.name == "b"
    by_id = explain(scorer, table, incident=found.incident["incident_id"])
    assert by_id.as_dict() | {"notes": list(found.notes)} == found.as_dict()


@pytest.mark.parametrize(
    "at", ["2026-03-01 02:31:00", "2026-03-01T02:31", "2026-03-01T03:31+01:00", " 2026-03-01 02:31 UTC"]
)
def test_a_time_may_be_written_in_many_ways(at: str, scorer: Scorer, table: Table) -> None:
    found = explain(scorer, table, at=at)
    verdicts = scorer.judge(table).verdicts
    assert found.time == "2026-03-01T02:31:00Z"
    assert (found.score, found.limit) == (verdicts.score[151], verdicts.limit[151])
    assert [part.actual for part in found.parts] == table.readings.values[151].tolist()


def test_a_naive_time_is_of_the_tables_zone(scorer: Scorer) -> None:
    local = open_table(frame(), overrides=Overrides(timezone="Asia/Tokyo"))
    assert explain(scorer, local, at="2026-03-01T02:31").time == "2026-02-28T17:31:00Z"


def test_the_shares_of_the_graph_sum_to_the_score(scorer: Scorer, table: Table) -> None:
    found = explain(scorer, table)
    assert found.source == "graph"
    assert sum(part.share or 0 for part in found.parts) == pytest.approx(found.score, rel=1e-5)
    assert sum(part.portion or 0 for part in found.parts) == pytest.approx(1, rel=1e-5)


def test_a_detector_without_shares_is_compared_with_normal_windows(forest: Scorer, table: Table) -> None:
    found = explain(forest, table)
    assert found.source == "occlusion"
    assert len(forest.artifact.examples) == 8
    assert found.ranked()[0].channel.name == "b"
    assert "exchanging channels with normal windows" in found.notes[-1]


@pytest.mark.parametrize("method", ["gradients", "shap"])
def test_the_rise_above_usual_values_is_taken_apart(method: str, network: Scorer, table: Table) -> None:
    found = explain(network, table, method=method)  # type: ignore[arg-type]  # of the two
    assert found.ranked()[0].channel.name == "b"
    assert sum(part.share or 0 for part in found.parts) == pytest.approx(found.score - found.base, rel=0.01)
    assert "Usual values throughout would score" in found.notes[-1]
    assert (found.over_time is not None) == (method == "gradients")
    if found.over_time is not None:
        assert found.over_time.shape == (5, 2)
        assert len(found.stamps) == 5
        assert found.stamps[-1] == found.time


def test_what_was_expected_stands_beside_what_was_shown(network: Scorer, table: Table) -> None:
    found = explain(network, table)
    part = found.ranked()[0]
    assert part.expected is not None
    assert part.band is not None
    assert part.actual - part.expected > part.band
    assert "expected" in part.remark()


def test_a_detector_that_expects_nothing_is_told_beside_the_usual(forest: Scorer, table: Table) -> None:
    part = explain(forest, table).ranked()[0]
    assert (part.expected, part.band) == (None, None)
    assert part.remark() == f"measured {part.actual:.4g}, usual {part.usual:.4g}"


def test_devices_are_told_apart(scorer: Scorer) -> None:
    both = open_table(pl.concat([frame(device="pump-1"), frame(device="pump-2", fault=200)]))
    with pytest.raises(InputError, match=r"2 devices have a reading at .* Say which: --device pump-1, pump-2"):
        explain(scorer, both, at=stamp(150))
    assert explain(scorer, both, at=stamp(150), device="pump-1").status == "anomalous"
    calm = explain(scorer, both, at=stamp(150), device="pump-2")
    assert (calm.status, calm.device) == ("normal", "pump-2")
    assert "The reading of pump-2 at 2026-03-01 02:30 UTC is normal" in calm.headline()
    worst = explain(scorer, both, device="pump-2")
    assert worst.time >= "2026-03-01T03:20"


def test_rows_are_named_by_their_numbers_where_they_are_the_clock(scorer: Scorer) -> None:
    counted = open_table(frame().drop("time"))
    assert counted.cadence.row_clock
    for own in (scorer, Scorer(train(open_table(frame(400, fault=None).drop("time")), Recipe(detector="ewma")))):
        found = explain(own, counted, at="151")
        verdicts = own.judge(counted).verdicts
        place = int(np.flatnonzero(verdicts.time == 151)[0])
        assert (found.time, found.score) == ("151", verdicts.score[place])
        assert "at row 151 is" in found.headline()


def test_bins_are_found_by_any_time_within_them(scorer: Scorer) -> None:
    shifted = frame().with_columns(pl.col("time").str.replace("00$", "41"))
    found = explain(Scorer(gathering(scorer.artifact)), open_table(shifted), at="2026-03-01 02:31:41")
    assert found.time == "2026-03-01T02:32:00Z"


def test_without_an_incident_it_is_the_reading_nearest_to_ringing(scorer: Scorer) -> None:
    calm = open_table(frame(20, fault=None))
    found = explain(scorer, calm)
    assert found.incident is None
    assert found.notes[0] == "There is no incident: this is the reading nearest to ringing."
    assert found.severity == np.nanmax(scorer.judge(calm).verdicts.severity)


REFUSED: dict[str, tuple[dict[str, str], type[TocsinError], str]] = {
    "no time": ({"at": "yesterday"}, SettingError, "'yesterday' is no time. Write it as the table does: --at '2026-03"),
    "before": ({"at": "1999-01-01"}, InputError, "they go from 2026-03-01T00:00:00Z to 2026-03-01T04:59:00Z"),
    "between": ({"at": "2026-03-01 02:31:10"}, InputError, "nearest are at 2026-03-01T02:31:00Z and .*02:31:00Z"),
    "warming": ({"at": "2026-03-01 00:03"}, InputError, r"not full yet \(warming\).* --at 2026-03-01T00:11:00Z"),
    "device": ({"device": "pump-9"}, InputError, "These readings name no devices. Leave out --device"),
    "incident": ({"incident": "f00"}, InputError, "no incident 'f00'. The worst are: [0-9a-f]{12}"),
    "both": ({"at": "2026-03-01 02:31", "incident": "f00"}, SettingError, "Leave out --at or --incident"),
    "method": ({"method": "guess"}, SettingError, "no method 'guess'. Choose from: shares, gradients, shap"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_explained_is_refused_with_a_way_out(case: str, scorer: Scorer, table: Table) -> None:
    asked, kind, told = REFUSED[case]
    with pytest.raises(kind, match=told):
        explain(scorer, table, **asked)  # type: ignore[arg-type]  # wrong on purpose


def test_a_gap_is_refused_as_a_gap(scorer: Scorer) -> None:
    holed = frame().with_columns(b=pl.when(pl.int_range(pl.len()).is_between(100, 120)).then(None).otherwise("b"))
    with pytest.raises(InputError, match=r"too long \(gap\)\. The nearest with a score: --at 2026-03-01T02:1"):
        explain(scorer, open_table(holed), at=stamp(115))


def test_rows_that_are_none_are_refused(scorer: Scorer) -> None:
    counted = open_table(frame().drop("time"))
    for at, told in (("noon", "'noon' is no row"), ("9000", "There is no reading at 9000: they go from ")):
        with pytest.raises(TocsinError, match=told):
            explain(scorer, counted, at=at)


def test_json_holds_plain_values(network: Scorer, table: Table) -> None:
    told = explain(network, table, method="gradients").as_dict()
    assert set(told) >= {"device", "time", "score", "limit", "severity", "incident", "channels", "over_time", "window"}
    assert told["channels"][1]["channel"] == "b"
    assert set(told["channels"][0]) == {"channel", "unit", "share", "portion", "actual", "expected", "band", "usual"}
    assert len(told["over_time"]) == 5


def test_the_scene_holds_the_window_the_incident_and_room_around(network: Scorer, table: Table) -> None:
    found = explain(network, table)
    scene = scene_of(found)
    assert len(scene.time) == len(scene.values) == len(scene.score) == len(scene.expected)
    assert scene.score[scene.place] == found.score
    assert scene.incident is not None
    assert scene.time[0] < scene.incident[0] <= scene.incident[1] < scene.time[-1]
    assert scene.place - scene.window >= 30
    assert len(scene.time) < 200


def test_a_story_begins_with_the_verdict_and_goes_on_with_the_cause(scorer: Scorer, table: Table) -> None:
    found: Explanation = explain(scorer, table)
    story = found.story()
    assert story[0].startswith("The reading at 2026-03-01 02:")
    assert "times the limit" in story[0]
    assert story[1].startswith("It belongs to incident ")
    assert "of the score comes from b: measured 58.9" in story[2]


def test_where_the_reading_itself_is_as_expected_the_story_looks_further_back(network: Scorer, table: Table) -> None:
    found = explain(network, table)
    assert "earlier in its window" not in " ".join(found.story())
    calm = tuple(replace(part, actual=(part.expected or 0) + 0.9 * (part.band or 0)) for part in found.parts)
    told = replace(found, parts=calm).story()
    assert told[-1] == "What b showed here was as expected: most likely, the cause lies earlier in its window."
    unknown = tuple(replace(part, band=None) for part in calm)
    assert "earlier in its window" not in " ".join(replace(found, parts=unknown).story())


def test_an_incident_that_was_held_back_can_be_explained_too(scorer: Scorer, table: Table) -> None:
    muted = Scorer(replace(scorer.artifact, policy=replace(scorer.artifact.policy, quiet=("Sun",))))
    held = muted.judge(table)
    assert not held.incidents
    name = held.id_of(max(held.held, key=lambda told: told.severity))
    found = explain(muted, table, incident=name)
    assert found.incident is not None
    assert (found.incident["state"], found.incident["grade"]) == ("held", "critical")
    assert "held back and not told" in found.story()[1]
