"""The layouts that real files must get without a single flag."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tocsin.sources import Layout, Overrides, open_table

SKAB = (
    "Accelerometer1RMS", "Accelerometer2RMS", "Current", "Pressure", "Temperature", "Thermocouple", "Voltage",
    "Volume Flow RateRMS",
)  # fmt: skip
ROOM = ("Temperature", "Humidity", "Light", "CO2", "HumidityRatio")
TON = {
    "Weather": (("temperature", "pressure", "humidity"), 39_260),
    "Fridge": (("fridge_temperature", "temp_condition"), 39_944),
    "Motion_Light": (("motion_status", "light_status"), 39_488),
    "Thermostat": (("current_temperature", "thermostat_status"), 32_774),
}
STAMPS_WITH_DOTS = "%Y.%m.%d.%H.%M.%S"


def reasons(layout: Layout) -> dict[str, str]:
    return dict(layout.excluded)


def test_nab_machine_temperature(shared_data: Path) -> None:
    table = open_table(shared_data / "nab/data/realKnownCause/machine_temperature_system_failure.csv")
    assert table.layout == Layout(
        separator=",",
        time=("timestamp",),
        time_format="iso",
        channels=table.layout.channels,
        missing=table.layout.missing,
    )
    assert table.layout.schema.names == ("value",)
    assert len(table) == 22_695
    assert (table.cadence.period_ns, table.cadence.regular) == (300 * 10**9, True)
    assert table.readings.values[0, 0] == 73.96732207


@pytest.mark.parametrize("name", ["valve1/0.csv", "other/1.csv"])
def test_skab(shared_data: Path, name: str) -> None:
    table = open_table(shared_data / "skab/data" / name)
    layout = table.layout
    assert (layout.separator, layout.time, layout.time_format) == (";", ("datetime",), "iso")
    assert (layout.schema.names, layout.label) == (SKAB, "anomaly")
    assert reasons(layout) == {"changepoint": "it names or repeats the label"}
    assert table.labels is not None
    assert table.labels.sum() == pl.read_csv(shared_data / "skab/data" / name, separator=";")["anomaly"].sum()


def test_skab_without_label(shared_data: Path) -> None:
    table = open_table(shared_data / "skab/data/anomaly-free/anomaly-free.csv")
    assert (table.layout.label, table.labels, table.layout.schema.names) == (None, None, SKAB)
    assert table.cadence.regular


@pytest.mark.parametrize(
    ("name", "number", "rows"), [("datatraining", "", 8_143), ("datatest", "no", 2_665), ("datatest2", "", 9_752)]
)
def test_occupancy_with_a_header_one_name_short(shared_data: Path, name: str, number: str, rows: int) -> None:
    table = open_table(shared_data / f"occupancy/{name}.txt")
    assert (table.layout.time, table.layout.time_format, table.layout.label) == (("date",), "iso", None)
    assert table.layout.schema.names == ROOM
    assert reasons(table.layout) == {
        number: "a row number",
        "Occupancy": "a state, not a measurement; use --label Occupancy if it marks anomalies",
    }
    assert (len(table), table.cadence.period_ns, table.cadence.regular) == (rows, 60 * 10**9, False)


def test_occupancy_is_a_label_if_the_user_says_so(shared_data: Path) -> None:
    table = open_table(shared_data / "occupancy/datatraining.txt", overrides=Overrides(label="Occupancy"))
    assert table.labels is not None
    assert table.labels.sum() == 1_729


def test_air_quality(shared_data: Path) -> None:
    table = open_table(shared_data / "airquality_uci/AirQuality.csv")
    layout = table.layout
    assert (layout.time, layout.time_format, layout.label) == (("Date", "Time"), "iso", None)
    assert len(layout.channels) == 12
    assert reasons(layout) == {"NMHC(GT)": "90 % of its values are missing"}
    assert {value for _, value in layout.sentinels} == {-200.0}
    assert {name for name, _ in layout.sentinels} == set(layout.schema.names)
    assert (table.cadence.period_ns, table.cadence.regular) == (3_600 * 10**9, True)
    co = table.readings.values[:, layout.schema.names.index("CO(GT)")]
    assert np.isnan(co).sum() == 1_683
    assert np.nanmin(co) == 0.1


@pytest.mark.parametrize(
    ("name", "time", "channels", "excluded"),
    [
        ("merged_dataset_BearingTest_2", "", ("0", "1", "2", "3"), {}),
        (
            "2nd_test_resmaple_10minutes",
            "Datetime",
            ("Bearing 1", "Bearing 2", "Bearing 3", "Bearing 4"),
            {"": "a row number"},
        ),
    ],
)
def test_ims_bearings(
    shared_data: Path, name: str, time: str, channels: tuple[str, ...], excluded: dict[str, str]
) -> None:
    table = open_table(shared_data / f"ims_bearing/{name}.csv")
    assert (table.layout.time, table.layout.time_format) == ((time,), STAMPS_WITH_DOTS)
    assert (table.layout.schema.names, reasons(table.layout), table.layout.label) == (channels, excluded, None)
    assert table.quality.start_ns == 1_076_581_959 * 10**9
    assert (table.cadence.period_ns, table.cadence.regular) == (600 * 10**9, True)


@pytest.mark.parametrize("name", TON)
def test_ton_iot(shared_data: Path, name: str) -> None:
    table = open_table(shared_data / f"ton_iot/Train_Test_IoT_{name}.csv")
    channels, rows = TON[name]
    layout = table.layout
    assert (layout.encoding, layout.time, layout.time_format) == ("utf-8-sig", ("date", "time"), "%d-%b-%y %H:%M:%S")
    assert (layout.schema.names, layout.label) == (channels, "label")
    assert reasons(layout) == {"type": "it names the label"}
    assert (len(table), table.cadence.regular) == (rows, False)
    assert table.labels is not None
    assert (~table.labels).sum() == 15_000
    assert not np.isnan(table.readings.values).any()


def test_two_state_texts_of_ton_iot_become_0_and_1(shared_data: Path) -> None:
    table = open_table(shared_data / "ton_iot/Train_Test_IoT_Motion_Light.csv")
    motion, light = table.readings.values.T
    assert np.array_equal(motion, light)
    assert light.sum() == 14_832


def test_wsn(shared_data: Path) -> None:
    table = open_table(shared_data / "wsn_singlehop/data/data.csv")
    layout = table.layout
    assert (layout.time, layout.time_format, layout.device, layout.label) == ((), "row", "mote_id", "label")
    assert layout.schema.names == ("humidity", "temperature")
    assert reasons(layout) == {
        "reading": "a row number",
        "indoor": "a property of the device, not a measurement",
    }
    assert table.devices == ("1", "2", "3", "4")
    assert table.cadence.row_clock
    starts = [table.readings.time[table.readings.device == k][:2].tolist() for k in range(4)]
    assert starts == [[0, 1]] * 4


def test_wsn_with_a_header_separated_by_blanks_over_rows_separated_by_tabs(shared_data: Path) -> None:
    table = open_table(shared_data / "wsn_singlehop/data/singlehop_indoor_moteid1_data.txt")
    layout = table.layout
    assert (layout.separator, layout.device, layout.label) == ("\t", "Mote-ID", "Label")
    assert layout.schema.names == ("Humidity", "Temperature")
    assert table.labels is not None
    assert (len(table), table.labels.sum()) == (4_417, 117)


def test_ai4i(shared_data: Path) -> None:
    table = open_table(shared_data / "ai4i2020/ai4i2020.csv")
    layout = table.layout
    assert (layout.time_format, layout.label) == ("row", "Machine_failure")
    assert [channel.unit for channel in layout.channels] == ["K", "K", "rpm", "Nm", "min"]
    assert reasons(layout) == {
        "UDI": "a row number",
        "Product ID": "an identifier",
        "Type": "text, not a measurement",
        **dict.fromkeys(("TWF", "HDF", "PWF", "OSF", "RNF"), "it names or repeats the label"),
    }
    assert table.labels is not None
    assert table.labels.sum() == 339


@pytest.mark.parametrize("name", ["benign_traffic", "doorbell_udp", "scan", "thermostat_udp"])
def test_nbaiot(shared_data: Path, name: str) -> None:
    table = open_table(shared_data / f"nbaiot_excerpt/{name}.csv")
    assert table.readings.values.shape == (299, 115)
    assert (table.layout.time_format, table.layout.label, table.layout.excluded) == ("row", None, ())


@pytest.mark.parametrize("kind", ["polars", "pandas"])
def test_msl_array_as_a_frame(shared_data: Path, kind: str) -> None:
    array = np.load(shared_data / "smap_msl/train/M-1.npy")
    if kind == "polars":
        table = open_table(pl.DataFrame(array))
    else:
        table = open_table(pytest.importorskip("pandas").DataFrame(array))
    assert table.readings.values.shape == array.shape
    assert np.array_equal(table.readings.values, array)
    assert (table.layout.time_format, table.layout.label, table.layout.excluded) == ("row", None, ())


def test_every_file_of_nab_and_skab_opens(shared_data: Path) -> None:
    for path in [*shared_data.glob("nab/data/*/*.csv"), *shared_data.glob("skab/data/*/*.csv")]:
        table = open_table(path)
        assert table.layout.time_format == "iso", path
        assert len(table.layout.channels) in {1, 8}, path
