"""Readings as JSON: whatever shape they come in, they are the same table; what does not fit is told in one sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.artifact.artifact import Artifact
from tocsin.core.errors import InputError
from tocsin.service.scoring.asked import table_of
from tocsin.service.settings import Limits
from tocsin.sources import Table, open_table
from tocsin.training.fit import train
from tocsin.training.recipe import Recipe

LIMITS = Limits(rows=1000)


def artifact_of(*, clock: bool) -> Artifact:
    values = np.random.default_rng(0).normal([20, 50], [1, 5], (300, 2))
    time = np.datetime64("2024-01-01", "ns") + np.arange(300) * np.timedelta64(60, "s")
    frame = pl.DataFrame({"temperature": values[:, 0], "humidity": values[:, 1]})
    table = open_table(frame.with_columns(time=time) if clock else frame)
    return train(table, Recipe(detector="rolling_zscore", window=8))


@pytest.fixture(scope="module")
def timed() -> Artifact:
    """An artifact of readings once a minute."""
    return artifact_of(clock=True)


@pytest.fixture(scope="module")
def counting() -> Artifact:
    """An artifact of readings without times."""
    return artifact_of(clock=False)


def read(artifact: Artifact, sent: Any, *, limits: Limits = LIMITS) -> Table:
    return table_of(sent if isinstance(sent, bytes) else json.dumps(sent).encode(), artifact, limits=limits)


def row(temperature: Any = 20.5, humidity: Any = 50, **more: Any) -> dict[str, Any]:
    return {"temperature": temperature, "humidity": humidity, **more}


def test_rows_and_columns_are_the_same_table(timed: Artifact) -> None:
    times = ["2026-03-01T08:00:00Z", "2026-03-01T08:01:00Z", "2026-03-01T08:02:00.25Z"]
    rows = [row(20.5, None, time=times[0]), row(21, 50, time=times[1]), {"humidity": 49.5, "time": times[2]}]
    columns = {"time": times, "values": {"humidity": [None, 50, 49.5], "temperature": [20.5, 21, None]}}
    one, other = read(timed, {"device": "p", "readings": rows}), read(timed, {"device": "p", **columns})
    for table in (one, other):
        np.testing.assert_array_equal(table.readings.values, [[20.5, np.nan], [21, 50], [np.nan, 49.5]])
        begin = 1_772_352_000 * 10**9
        assert table.readings.time.tolist() == [begin, begin + 60 * 10**9, begin + 120_250_000_000]
        assert table.devices == ("p",)
        assert not table.cadence.row_clock


def test_without_times_readings_are_counted_for_each_device(timed: Artifact) -> None:
    rows = [row(device="b"), row(device="a"), row(device="b"), row(), row(device="a")]
    table = read(timed, {"device": "c", "readings": rows})
    assert table.devices == ("b", "a", "c")
    assert table.readings.device.tolist() == [0, 1, 0, 2, 1]
    assert table.readings.time.tolist() == [0, 0, 1, 0, 1]
    assert table.cadence.row_clock
    assert read(timed, {"readings": [row()]}).devices == ("-",)


def test_times_are_read_as_the_artifact_s_table_writes_them(timed: Artifact) -> None:
    british = replace(timed, layout=replace(timed.layout, time_format="%d/%m/%Y %H:%M", timezone="Europe/London"))
    table = read(british, {"readings": [row(time="01/07/2026 08:00"), row(time="01/07/2026 08:01")]})
    assert table.readings.time[0] == np.datetime64("2026-07-01T07:00", "ns").astype(np.int64)
    assert read(timed, {"readings": [row(time=1_700_000_000)]}).readings.time[0] == 1_700_000_000 * 10**9
    assert read(timed, {"readings": [row(time="2026-03-01T10:00:00+02:00")]}).readings.time[0] % 10**9 == 0


def test_rows_may_be_numbered_where_they_are_the_clock(counting: Artifact) -> None:
    assert read(counting, {"readings": [row(time=3), row(time=9)]}).readings.time.tolist() == [3, 9]
    assert read(counting, {"readings": [row(), row()]}).readings.time.tolist() == [0, 1]


AT = "2026-03-01T08:00:00Z"
WRONG: dict[str, tuple[Any, str]] = {
    "no JSON": (b'{"readings": [', "The body is not valid JSON: EOF while parsing"),
    "not a number": (b'{"readings": [{"temperature": NaN, "humidity": 1}]}', "The body is not valid JSON"),
    "nothing at all": (b"", "The body is not valid JSON"),
    "a list": ([1, 2], 'The body must have either "readings" or "values".'),
    "both": ({"readings": [], "values": {}}, 'The body must have either "readings" or "values".'),
    "more": ({"readings": [row()], "colour": 1}, "The body has 'colour', which means nothing."),
    "no list": ({"readings": {"temperature": 1}}, '"readings" is no list of objects.'),
    "lists": ({"readings": [[1, 2]]}, '"readings" is no list of objects.'),
    "none": ({"readings": []}, "There is no reading."),
    "no values": ({"values": {"temperature": [], "humidity": []}}, "There is no reading."),
    "a missing channel": ({"readings": [{"humidity": 1}]}, "The channel 'temperature' is missing."),
    "a missing column": ({"values": {"humidity": [1]}}, "The channel 'temperature' is missing."),
    "an unknown channel": ({"readings": [row(pressure=1)]}, "There is no channel 'pressure'."),
    "text": ({"readings": [row(), row("21,5")]}, "temperature of reading 1 is '21,5', no number."),
    "a truth": ({"readings": [row(humidity=True)]}, "humidity of reading 0 is True, no number."),
    "a list in place": ({"readings": [row(humidity=[1])]}, "humidity of reading 0 is [1], no number."),
    "too large": ({"readings": [row(10**400)]}, "A value of temperature is too large for a number."),
    "uneven": (
        {"values": {"temperature": [1, 2], "humidity": [1]}},
        "The channel 'humidity' has 1 values, others 2.",
    ),
    "values no lists": ({"values": {"temperature": 1, "humidity": 2}}, '"values" is no object of lists.'),
    "one time": (
        {"time": [AT], "values": {"temperature": [1, 2], "humidity": [1, 2]}},
        '"time" is no list of 2 times.',
    ),
    "a time for some": (
        {"readings": [row(time=AT), row()]},
        "The time of reading 1 is nothing, which cannot be read.",
    ),
    "no time": ({"readings": [row(time="soon")]}, "The time of reading 0 is 'soon', which cannot be read."),
    "the same time": (
        {"readings": [row(time=AT), row(time=AT)]},
        "Reading 1 is at the same time as reading 0 of the same device.",
    ),
    "backwards": (
        {"readings": [row(time=5_000, device="a"), row(time=1_000, device="b"), row(time=4_000, device="a")]},
        "Reading 2 is earlier than reading 0 of the same device.",
    ),
    "a device by number": ({"readings": [row(device=7)]}, "A device is called 7, which is no text."),
    "no device": ({"device": None, "readings": [row()]}, "A device is called nothing, which is no text."),
    "devices short": (
        {"device": ["a"], "values": {"temperature": [1, 2], "humidity": [1, 2]}},
        '"device" names 1 devices for 2 readings.',
    ),
    "too many": ({"values": {"temperature": [1] * 1001, "humidity": [1] * 1001}}, "1,001 readings are more than the"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_told_in_one_sentence(case: str, timed: Artifact) -> None:
    sent, message = WRONG[case]
    with pytest.raises(InputError) as error:
        read(timed, sent)
    assert error.value.message.startswith(message)
    assert error.value.remedy
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("time", [AT, 1.5, -1, None, True, 1 << 60])
def test_times_that_are_no_row_numbers(time: Any, counting: Artifact) -> None:
    with pytest.raises(InputError, match="the artifact counts rows instead"):
        read(counting, {"readings": [row(time=0), row(time=time)]})


def test_devices_whose_windows_would_fill_the_memory(timed: Artifact) -> None:
    wide = replace(timed, window=1 << 20)
    with pytest.raises(InputError, match="100 devices are too many at once"):
        read(wide, {"readings": [row(device=str(k)) for k in range(100)]})


def test_a_channel_called_as_a_field_is_a_channel() -> None:
    values = np.random.default_rng(0).normal(size=(300, 2))
    frame = pl.DataFrame({"device": values[:, 0], "temperature": values[:, 1]})
    artifact = train(open_table(frame), Recipe(detector="rolling_zscore", window=8))
    assert artifact.schema.names == ("device", "temperature")
    table = read(artifact, {"device": "p", "readings": [{"device": 1.5, "temperature": 2}]})
    assert table.devices == ("p",)
    assert table.readings.values.tolist() == [[1.5, 2.0]]


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_JSON = _SCALARS | st.lists(_SCALARS, max_size=3) | st.dictionaries(st.text(max_size=3), _SCALARS, max_size=2)
_BODIES = st.fixed_dictionaries(
    {},
    optional={
        "device": _JSON,
        "time": _JSON,
        "values": st.dictionaries(st.sampled_from(["temperature", "humidity"]), _JSON) | _JSON,
        "readings": st.lists(
            st.dictionaries(st.sampled_from(["temperature", "humidity", "time", "device"]), _JSON) | _JSON, max_size=4
        ),
    },
)


@settings(max_examples=60)
@given(sent=_BODIES)
def test_whatever_is_sent_is_a_table_or_an_error_for_people(sent: Any, timed: Artifact) -> None:
    with suppress(InputError):
        table = read(timed, sent)
        assert table.readings.values.shape == (len(table), 2)
