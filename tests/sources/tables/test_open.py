"""Opening tables: what is guessed, what settings and an artifact's layout change, and what comes back unharmed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.core.arrays import NEVER
from tocsin.core.errors import MissingExtraError
from tocsin.sources import Layout, Overrides, Table, open_table

MINUTE = 60 * 10**9


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    def open_text(text: str | bytes, overrides: Overrides = Overrides(), expect: Layout | None = None) -> Table:  # noqa: B008  # frozen
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return open_table(path, overrides=overrides, expect=expect)

    return open_text


def stamped(*columns: str, rows: list[str]) -> str:
    lines = (f"2024-01-01 00:{k:02}:00,{row}" for k, row in enumerate(rows))
    return "\n".join([",".join(["time", *columns]), *lines]) + "\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings(opened: Any, encoding: str) -> None:
    table = opened("time;température (°C)\n2024-01-01;1,5\n2024-01-02;2,5\n".encode(encoding))
    assert table.layout.schema.names == ("température (°C)",)
    assert (table.layout.channels[0].unit, table.layout.decimal, table.layout.encoding) == ("°C", ",", encoding)
    assert table.readings.values[:, 0].tolist() == [1.5, 2.5]


def test_bytes_that_no_encoding_knows_do_not_stop_the_work(opened: Any) -> None:
    assert opened(b"time,temp,note\n2024-01-01,1,\x81\n2024-01-02,2,\xe9\n").columns["note"].to_list() == ["�", "é"]


def test_blanks_quotes_line_ends_and_empty_rows(opened: Any) -> None:
    table = opened('time , "temp" \r\n"2024-01-01 00:00:00", 1 \r\n\r\n2024-01-01 00:01:00 , NA \r\n\r\n\r\n')
    assert table.layout.schema.names == ("temp",)
    assert np.array_equal(table.readings.values[:, 0], [1, np.nan], equal_nan=True)
    assert table.layout.notes == ("3 empty rows were passed over",)


def test_a_header_that_names_more_columns_than_the_rows_have(opened: Any) -> None:
    table = opened("temp,hum,\n" + "20.5,50\n" * 3)
    assert table.layout.schema.names == ("temp", "hum")
    assert ("column_3", "it is empty") in table.layout.excluded


def test_missing_texts_and_infinities_become_nan(opened: Any) -> None:
    rows = ["1", "NaN", "", "n/a", "inf", "broken", "2", "3", "4", "5", "6", "7"]
    table = opened(stamped("temp", rows=rows), Overrides(missing=("broken",)))
    assert np.isnan(table.readings.values[:, 0]).tolist() == [False, *[True] * 5, *[False] * 6]
    assert {(f.topic, f.count) for f in table.quality.findings} == {("infinite", 1), ("missing", 5)}


def test_several_devices_are_numbered_by_appearance_and_rows_counted_within_each(opened: Any) -> None:
    table = opened("sensor_id,temp\nb,1\na,2.5\nb,3\nb,4\na,5\n")
    assert (table.devices, table.readings.device.tolist()) == (("b", "a"), [0, 1, 0, 0, 1])
    assert table.readings.time.tolist() == [0, 0, 1, 2, 1]


@pytest.mark.parametrize(
    ("header", "values", "labels"),
    [
        ("label", ["0", "1", "0"], [False, True, False]),
        ("is_anomaly", ["False", "True", ""], [False, True, False]),
        ("Anomaly", ["Normal", "Anomalous", ""], [False, True, False]),
        ("attack", ["normal", "normal", "ddos"], [False, False, True]),
        ("outlier", ["0.0", "0.0", "0.0"], [False, False, False]),
    ],
)
def test_labels(opened: Any, header: str, values: list[str], labels: list[bool]) -> None:
    table = opened(stamped("temp", header, rows=[f"{k * k}.5,{value}" for k, value in enumerate(values)]))
    assert (table.layout.label, table.labels.tolist()) == (header, labels)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (["0", "1", "", ""], ["label: 2 rows have no mark and count as normal"]),
        (["normal", "attack", "", "normal"], ["label: 1 row has no mark and counts as normal"]),
        (["0", "1", "0", "1"], []),
    ],
)
def test_rows_without_a_mark_are_told(opened: Any, values: list[str], told: list[str]) -> None:
    table = opened(stamped("temp", "label", rows=[f"{k * k}.5,{value}" for k, value in enumerate(values)]))
    assert [found.text for found in table.quality.findings if found.topic == "unlabelled"] == told


@pytest.mark.parametrize("header", ["valve", "motion_status", "heater"])
def test_a_column_is_no_label_just_because_it_is_binary(opened: Any, header: str) -> None:
    table = opened(stamped("temp", header, rows=["1.5,0", "2.5,1", "3,0"]))
    assert table.layout.label is None
    assert table.layout.schema.names == ("temp", header)


def test_y_is_a_channel_unless_its_values_are_those_of_a_label(opened: Any) -> None:
    assert opened(stamped("x", "y", rows=["1.5,2", "2.5,3.5", "3,0"])).layout.schema.names == ("x", "y")
    assert opened(stamped("x", "y", rows=["1.5,0", "2.5,1", "3,0"])).layout.label == "y"


def test_a_label_of_many_kinds_is_used_only_if_asked_for(opened: Any) -> None:
    text = stamped("temp", "class", rows=["1.5,normal", "2.5,ddos", "3,scan"])
    layout = opened(text).layout
    assert layout.label is None
    assert dict(layout.excluded)["class"].endswith("use --label class if it marks anomalies")
    assert opened(text, Overrides(label="class")).labels.tolist() == [False, True, True]


def test_columns_that_repeat_the_label_are_left_out() -> None:
    marks = [k % 10 == 9 for k in range(100)]
    frame = pl.DataFrame(
        {
            "temp": np.sin(np.arange(100.0)),
            "label": marks,
            "size": [0.5 if mark else 0.0 for mark in marks],
            "cause": ["leak" if mark else None for mark in marks],
            "grade": ["A" if k % 3 else "B" for k in range(100)],
        }
    )
    layout = open_table(frame).layout
    assert layout.schema.names == ("temp",)
    assert dict(layout.excluded) == {
        "size": "it repeats the label: it is nonzero only where the label is set",
        "cause": "it names the label",
        "grade": "text, not a measurement",
    }


def test_row_numbers_and_identifiers_are_left_out_but_ramps_stay() -> None:
    frame = pl.DataFrame({"temp": [20.0, 21.0, 22.0], "no": [4, 5, 6], "batch_id": [7, 7, 9], "NO": [1.0, 3.0, 2.0]})
    layout = open_table(frame).layout
    assert layout.schema.names == ("temp", "NO")
    assert dict(layout.excluded) == {"no": "a row number", "batch_id": "an identifier"}


def test_a_property_of_the_device_is_left_out_but_a_switch_is_a_channel() -> None:
    frame = pl.DataFrame({"node": [1, 1, 2, 2], "indoor": [1, 1, 0, 0], "fan": [1, 0, 0, 1], "temp": [1.5, 2, 7, 8]})
    layout = open_table(frame).layout
    assert (layout.device, layout.schema.names) == ("node", ("fan", "temp"))
    assert dict(layout.excluded) == {"indoor": "a property of the device, not a measurement"}


def test_two_state_texts_become_0_and_1_whatever_else_the_file_holds(opened: Any) -> None:
    text = stamped("temp", "door", rows=["1.5, open", "2.5,closed ", "3.5,OPEN", "4,"])
    table = opened(text)
    assert np.array_equal(table.readings.values[:, 1], [1, 0, 1, np.nan], equal_nan=True)
    again = opened(stamped("temp", "door", rows=["1.5,open", "2.5,open"]), expect=table.layout)
    assert again.readings.values[:, 1].tolist() == [1, 1]


def test_sentinels_are_missing_unless_kept(opened: Any) -> None:
    text = stamped("temp", rows=["20", "-200", "21", "22", "-200", "23"])
    table = opened(text)
    assert table.layout.sentinels == (("temp", -200.0),)
    assert np.isnan(table.readings.values[:, 0]).sum() == 2
    kept = opened(text, Overrides(keep_sentinels=True))
    assert kept.layout.sentinels == ()
    assert kept.readings.values.min() == -200
    assert [(f.topic, f.count) for f in kept.quality.findings] == [("sentinel", 2)]


def test_long_form(opened: Any) -> None:
    table = opened(
        "device,time,channel,value,unit\n"
        "a,2024-01-01 00:00,temp,1,°C\na,2024-01-01 00:00,hum,2,%\nb,2024-01-01 00:00,temp,3,°C\n"
        "a,2024-01-01 00:01,hum,4,%\na,2024-01-01 00:01,hum,5,%\nb,2024-01-01 00:01,temp,6,°C\n"
    )
    assert table.layout.long == ("channel", "value")
    assert [(c.name, c.unit) for c in table.layout.channels] == [("hum", "%"), ("temp", "°C")]
    assert table.reading.tolist() == [0, 0, 1, 2, 3, 4]
    assert table.readings.row is not None
    assert table.readings.row.tolist() == [0, 2, 3, 4, 5]
    expected: list[list[float]] = [[2, 1], [np.nan, 3], [4, np.nan], [5, np.nan], [np.nan, 6]]
    assert np.array_equal(table.readings.values, expected, equal_nan=True)
    assert table.readings.device.tolist() == [0, 1, 0, 0, 1]


def test_a_wide_table_with_columns_called_sensor_and_value_stays_wide(opened: Any) -> None:
    rows = ["a,1.5,7.5", "b,2.5,8.5", "a,3.5,9", "b,4.5,1"]
    assert opened(stamped("sensor", "value", "pressure", rows=rows)).layout.long is None


def test_settings_win(opened: Any) -> None:
    text = stamped("temp", "hum", "on", rows=["1.5,2.5,0", "2.5,3,1", "3.5,4,0"])
    table = opened(text, Overrides(channels=("hum",), label="on", time_format="row"))
    assert (table.layout.schema.names, table.layout.label, table.layout.time) == (("hum",), "on", ())
    assert dict(table.layout.excluded)["temp"] == "not among --channels"
    assert opened(text, Overrides(exclude=("hum",))).layout.schema.names == ("temp", "on")
    assert opened(text, Overrides(time=())).layout.time_format == "row"
    labelled = stamped("temp", "label", rows=["1.5,0", "2.5,1"])
    assert opened(labelled, Overrides(label="")).labels is None


def test_an_artifacts_layout_finds_its_columns_in_another_file(opened: Any) -> None:
    trained = opened(stamped("temp", "hum", "label", rows=["20,1.5,0", "-999,2.5,1", "-999,2,0", "22,4,1"])).layout
    other = opened("extra;hum;temp;time\nx;2,5;-999;2024-01-01 00:00\ny;3,5;70,5;2024-01-01 00:01\n", expect=trained)
    assert other.layout.schema == trained.schema
    assert np.array_equal(other.readings.values, [[np.nan, 2.5], [70.5, 3.5]], equal_nan=True)
    assert (other.labels, other.layout.separator, other.layout.decimal) == (None, ";", ",")
    assert other.columns.columns == ["extra", "hum", "temp", "time"]


def test_scoring_finds_no_sentinels_of_its_own(opened: Any) -> None:
    trained = opened(stamped("temp", rows=["20", "21"])).layout
    table = opened(stamped("temp", rows=["20", "-200", "-200", "21"]), expect=trained)
    assert table.readings.values[:, 0].tolist() == [20, -200, -200, 21]


def test_scoring_reads_times_written_otherwise_and_single_rows(opened: Any) -> None:
    trained = opened(stamped("temp", rows=["20", "21"])).layout
    table = opened("time,temp\n1704067200,20\n", expect=trained)
    assert table.layout.time_format == "epoch_s"
    assert table.readings.time.tolist() == [1_704_067_200 * 10**9]


def test_time_order_is_stable_and_drops_what_has_no_time(opened: Any) -> None:
    table = opened(
        "device,time,temp,label\nb,2024-01-01 00:02,1,0\na,2024-01-01 00:01,2,1\na,soon,3,0\n"
        "b,2024-01-01 00:01,4,0\na,2024-01-01 00:01,5,0\nb,2024-01-01 00:03,6,1\n"
    )
    assert table.readings.time[2] == NEVER
    ordered = table.in_time_order()
    assert ordered.readings.values[:, 0].tolist() == [4, 1, 6, 2, 5]
    assert ordered.labels is not None
    assert ordered.labels.tolist() == [False, False, True, True, False]
    assert ordered.reading.tolist() == [1, 3, -1, 0, 4, 2]
    assert ordered.readings.row is not None
    assert ordered.readings.row.tolist() == [3, 0, 5, 1, 4]
    assert ordered.in_time_order() is ordered


def test_layout_survives_json(opened: Any) -> None:
    layout = opened(stamped("temp", "type", rows=["20,a", "-200,b", "-200,a", "21,b"])).layout
    assert Layout.from_dict(json.loads(json.dumps(layout.as_dict()))) == layout


def frames() -> list[Any]:
    pandas, pyarrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    start = datetime(2024, 1, 1)
    columns = {"when": [start, start + timedelta(minutes=1)], "temp": [1.5, 2.5], "label": [False, True]}
    return [
        pl.DataFrame(columns),
        pl.DataFrame(columns).lazy(),
        pandas.DataFrame(columns),
        pandas.DataFrame(columns).set_index("when"),
        pyarrow.table(columns),
    ]


@pytest.mark.parametrize("number", range(5))
def test_frames(number: int) -> None:
    table = open_table(frames()[number])
    assert (table.layout.time, table.layout.label, table.layout.schema.names) == (("when",), "label", ("temp",))
    assert table.readings.time.tolist() == [1_704_067_200 * 10**9, 1_704_067_260 * 10**9]
    assert table.labels is not None
    assert table.labels.tolist() == [False, True]
    assert table.columns.columns == ["when", "temp", "label"]


def test_pandas_columns_of_mixed_types() -> None:
    pandas = pytest.importorskip("pandas")
    table = open_table(pandas.DataFrame({0: [1.5, 2.5, 4.0], "note": [1, "x", None]}))
    assert table.layout.schema.names == ("0",)


def test_an_input_frame_is_never_changed() -> None:
    frame = pl.DataFrame({"temp": [1.0, -200.0, float("inf"), -200.0, 2.0, 3.0, 4.0]})
    before = frame.clone()
    open_table(frame)
    assert frame.equals(before)


def test_importing_is_light_and_a_missing_extra_is_named() -> None:
    code = (
        "import sys; sys.modules['polars'] = sys.modules['narwhals'] = sys.modules['pandas'] = None\n"
        "import tocsin.sources\n"
        "try: tocsin.sources.open_table('x.csv')\n"
        "except Exception as error: print(type(error).__name__, error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    expected = MissingExtraError("Reading tables", extra="files", library="polars")
    assert told.strip() == f"MissingExtraError {expected}"


FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y.%m.%d.%H.%M.%S",
    "%d-%b-%y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "epoch",
)
values = st.one_of(st.none(), st.floats(-1e6, 1e6, allow_subnormal=False))


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.tuples(values, values), min_size=2, max_size=30).filter(
        lambda rows: all(2 * sum(row[k] is None for row in rows) <= len(rows) for k in (0, 1))
    ),
    written=st.sampled_from(FORMATS),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    decimal=st.sampled_from([".", ","]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_a_written_table_reads_back(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float | None, float | None]],
    written: str,
    separator: str,
    decimal: str,
    end: str,
) -> None:
    if decimal == separator:
        decimal = "."
    start = datetime(2024, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(hours=k) for k in range(len(rows))]
    texts = [str(int(m.timestamp())) if written == "epoch" else m.strftime(written) for m in moments]
    cells = [["" if value is None else repr(value).replace(".", decimal) for value in row] for row in rows]
    lines = [
        separator.join(["timestamp", "a", "b"]),
        *(separator.join([t, *c]) for t, c in zip(texts, cells, strict=True)),
    ]
    path = tmp_path_factory.mktemp("written") / "table.csv"
    path.write_bytes((end.join(lines) + end).encode())
    table = open_table(path, overrides=Overrides(keep_sentinels=True))
    expected = [[np.nan if value is None else value for value in row] for row in rows]
    assert np.array_equal(table.readings.values, expected, equal_nan=True)
    assert table.readings.time.tolist() == [int(m.timestamp()) * 10**9 for m in moments]
