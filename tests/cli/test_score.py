"""``tocsin score``: every input column untouched and in order, the verdicts beside them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.engine.scorer import Scorer
from tocsin.sources import Overrides, open_table

Shell = Callable[..., tuple[int, str, str]]

ADDED = ["score", "limit", "severity", "anomaly", "status", "cause", "incident_id"]

AWKWARD = """time,temperature, humidity ,light,loudness,air_quality,note
2023-07-01T00:00:00,19.50,69.9,2.0,31.8,58.0,"warm, dry"
2023-07-01T00:10:00,+19.7,6.95e1,2,32.2,056,"said ""no\"""
2023-07-01T00:20:00,19.700000000000000001,69.5,,32.2,NA,
2023-07-01 00:30:00,-0.0, 69.5,2.0,1E2,58.,äöü
"""


def rows_of(path: Path, **dialect: str) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=dialect.get("delimiter", ",")))


@pytest.fixture
def scored(shell: Shell, artifact: Path, room: Path, tmp_path: Path) -> pl.DataFrame:
    code, _, err = shell("score", artifact, room, "-o", "scored.csv", "--shares", "--incidents", "incidents.csv")
    assert (code, err) == (0, "")
    return pl.read_csv(tmp_path / "scored.csv")


@pytest.mark.usefixtures("scored")
def test_input_columns_come_back_field_by_field(room: Path, tmp_path: Path) -> None:
    given, found = rows_of(room), rows_of(tmp_path / "scored.csv")
    assert [row[: len(given[0])] for row in found] == given
    assert found[0][len(given[0]) :][:7] == ADDED


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_however_oddly_they_are_written(shell: Shell, artifact: Path, tmp_path: Path, separator: str) -> None:
    text = AWKWARD.replace(" humidity ", "humidity").replace(",", separator).replace("warm;", "warm,")
    (tmp_path / "awkward.csv").write_text(text, encoding="utf-8")
    code, _, err = shell("score", artifact, "awkward.csv", "-o", "scored.csv")
    assert (code, err) == (0, "warning: light: constant at 2\n")
    given = rows_of(tmp_path / "awkward.csv", delimiter=separator)
    found = rows_of(tmp_path / "scored.csv", delimiter=separator)
    assert [row[: len(given[0])] for row in found] == given


def test_verdicts_are_those_of_python(scored: pl.DataFrame, scorer: Scorer, room: Path) -> None:
    found = scorer.score(room)
    for name in ("score", "limit", "severity"):
        np.testing.assert_array_equal(scored[name].to_numpy(), found[name].to_numpy())
    for name in ("anomaly", "status", "cause", "incident_id"):
        assert scored[name].to_list() == found[name].to_list()


def test_warming_rows_are_empty_and_not_anomalous(scored: pl.DataFrame, tmp_path: Path) -> None:
    assert scored["status"].to_list() == ["warming"] * 11 + ["ok"] * 589
    for row in rows_of(tmp_path / "scored.csv")[1:12]:
        assert row[9:16] == ["", "", "", "False", "warming", "", ""]


def test_an_anomaly_is_a_score_above_its_limit_with_a_cause(scored: pl.DataFrame) -> None:
    later = scored.filter(pl.col("status") == "ok")
    assert later["score"].null_count() == later["limit"].null_count() == 0
    assert (later["anomaly"] == (later["score"] > later["limit"])).all()
    assert (later["anomaly"] == (later["severity"] > 1)).all()
    assert (later["anomaly"] == later["cause"].is_not_null()).all()
    assert later["anomaly"].any()


def test_shares_sum_to_the_score(scored: pl.DataFrame) -> None:
    shares = [name for name in scored.columns if name.startswith("share_")]
    assert shares == [f"share_{name}" for name in ("temperature", "humidity", "light", "loudness", "air_quality")]
    whole, score = scored.select(shares).to_numpy().sum(axis=1), scored["score"].to_numpy()
    np.testing.assert_allclose(whole[11:], score[11:], rtol=1e-5)
    assert np.isnan(whole[:11]).all()


def test_incidents_are_those_that_rows_point_to(scored: pl.DataFrame, tmp_path: Path) -> None:
    incidents = pl.read_csv(tmp_path / "incidents.csv")
    named = ["incident_id", "device", "start", "peak", "end", "severity", "grade", "cause", "state", "group"]
    assert incidents.columns == named
    told = scored.drop_nulls("incident_id")
    assert told["incident_id"].unique(maintain_order=True).to_list() == incidents["incident_id"].to_list()
    for one in incidents.iter_rows(named=True):
        assert one["start"] <= one["peak"] <= one["end"]
        within = scored.filter((pl.col("time") + "Z" >= one["start"]) & (pl.col("time") + "Z" <= one["end"]))
        assert within["severity"].max() == pytest.approx(one["severity"])
    assert len(incidents)


def test_json_counts_what_the_file_holds(shell: Shell, artifact: Path, room: Path, scored: pl.DataFrame) -> None:
    told = json.loads(shell("score", artifact, room, "--json")[1])
    assert told["rows"] == 600
    assert told["status"] == {"ok": 589, "warming": 11}
    assert told["anomalous"] == int(scored["anomaly"].sum())
    assert told["incidents"] == scored["incident_id"].n_unique() - 1
    assert told["left_out"] == 11
    marked = scored.filter(pl.col("status") == "ok")
    caught = marked.filter(pl.col("anomaly") & (pl.col("label") == 1)).height
    assert told["precision"] == round(caught / told["anomalous"], 4)
    assert told["recall"] == round(caught / int(marked["label"].sum()), 4)


def test_report_is_one_page(shell: Shell, artifact: Path, room: Path, tmp_path: Path) -> None:
    code, out, err = shell("score", artifact, room, "--report", "report.html")
    assert (code, err) == (0, "")
    assert "→ report.html" in out
    page = (tmp_path / "report.html").read_text("utf-8")
    assert page.lower().startswith("<!doctype html>")
    assert "rolling_zscore" in page


def test_parquet_holds_types_instead_of_texts(shell: Shell, artifact: Path, room: Path, tmp_path: Path) -> None:
    shell("score", artifact, room, "-o", "scored.parquet")
    found = pl.read_parquet(tmp_path / "scored.parquet")
    assert found.schema["score"] == pl.Float64
    assert found.schema["anomaly"] == pl.Boolean


def test_a_label_column_named_as_a_verdict_keeps_its_name(shell: Shell, tmp_path: Path, room: Path) -> None:
    pl.read_csv(room, infer_schema=False).rename({"label": "anomaly"}).write_csv(tmp_path / "plant.csv")
    shell("fit", "plant.csv", "--detector", "rolling_zscore", "--window", "12", "-o", "x.tocsin")
    code, out, err = shell("score", "x.tocsin", "plant.csv", "-o", "scored.csv")
    assert (code, err) == (0, "")
    assert "tocsin_anomaly" in out
    given, found = rows_of(tmp_path / "plant.csv"), rows_of(tmp_path / "scored.csv")
    assert [row[:9] for row in found] == given
    assert found[0][9:] == ["tocsin_anomaly" if name == "anomaly" else name for name in ADDED]


def test_rows_out_of_order_are_late_unless_they_are_to_be_sorted(
    shell: Shell, artifact: Path, room: Path, tmp_path: Path
) -> None:
    table = pl.read_csv(room, infer_schema=False)
    order = [*range(300), 310, *range(300, 310), *range(311, 600)]
    table[order].write_csv(tmp_path / "mixed.csv")
    late = json.loads(shell("score", artifact, "mixed.csv", "--json")[1])["status"]
    assert late["late"] == 10
    shell("score", artifact, "mixed.csv", "--sort", "-o", "sorted.csv")
    shell("score", artifact, room, "-o", "straight.csv")
    straight = rows_of(tmp_path / "straight.csv")
    assert rows_of(tmp_path / "sorted.csv")[1:] == [straight[1:][row] for row in order]


@pytest.mark.parametrize(("separator", "decimal"), [(",", "."), (";", ","), (",", ",")])
def test_a_scored_file_has_the_channels_of_its_input(
    shell: Shell, artifact: Path, room: Path, tmp_path: Path, separator: str, decimal: str
) -> None:
    plant = tmp_path / "plant.csv"
    pl.read_csv(room).rename({"label": "truth"}).write_csv(plant, separator=separator, decimal_comma=decimal == ",")
    code, _, err = shell("score", artifact, plant, "-o", "scored.csv", "--shares", "--incidents", "incidents.csv")
    assert (code, err) == (0, "")
    given, found = open_table(plant).layout, open_table(tmp_path / "scored.csv").layout
    assert (found.channels, found.decimal, found.label) == (given.channels, decimal, given.label)
    reasons = dict(found.excluded)
    assert {reasons[name] for name in (*ADDED, "share_light")} == {"written by tocsin"}
    severity = rows_of(tmp_path / "incidents.csv", delimiter=separator)[1][5]
    assert decimal in severity


def test_a_verdict_is_a_channel_or_the_label_if_the_user_says_so(shell: Shell, artifact: Path, room: Path) -> None:
    shell("score", artifact, room, "-o", "scored.csv")
    assert open_table("scored.csv").layout.label == "label"
    chosen = open_table("scored.csv", overrides=Overrides(channels=("score",), label="anomaly")).layout
    assert (chosen.schema.names, chosen.label) == (("score",), "anomaly")


def test_another_pace_and_odd_readings_are_told_on_the_error_stream(
    shell: Shell, artifact: Path, room: Path, tmp_path: Path
) -> None:
    table = pl.read_csv(room)[::3].with_columns(light=pl.lit(5.0))
    table.write_csv(tmp_path / "odd.csv")
    pace = (
        "The table's readings come every 30 min, the artifact was trained on every 10 min: "
        "its windows would cover another time."
    )
    constant = "light: constant at 5"
    code, _, err = shell("score", artifact, "odd.csv")
    assert (code, err.splitlines()) == (0, [f"warning: {pace}", f"warning: {constant}"])
    code, out, err = shell("score", artifact, "odd.csv", "--json")
    told = json.loads(out)
    assert (err, told["notes"], [finding["text"] for finding in told["quality"]]) == ("", [pace], [constant])
    assert shell("verify", artifact, "odd.csv")[2] == f"warning: {pace}\n"


def test_a_device_column_that_is_gone_must_be_said(shell: Shell, room: Path, tmp_path: Path) -> None:
    fleet = pl.read_csv(room).drop("label")
    pl.concat([fleet.with_columns(machine=pl.lit(name)) for name in "ab"]).write_csv(tmp_path / "fleet.csv")
    fleet.write_csv(tmp_path / "single.csv")
    shell("fit", "fleet.csv", "--detector", "rolling_zscore", "--window", "12", "-o", "fleet.tocsin")
    code, _, err = shell("score", "fleet.tocsin", "single.csv")
    assert code == 2
    assert "'machine'" in err
    assert "--device-column ''" in err
    assert shell("score", "fleet.tocsin", "single.csv", "--device-column", "")[0] == 0
