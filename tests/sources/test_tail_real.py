"""Real files, read as they grow, give the readings of the whole file, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tocsin.core.live import Batch, Expected
from tocsin.sources import Overrides, open_table
from tocsin.sources.tail import Tail
from tocsin.testing.source_checks import Book

FILES = (
    "skab/data/valve1/0.csv",
    "nab/data/realKnownCause/machine_temperature_system_failure.csv",
    "airquality_uci/AirQuality.csv",
    "ton_iot/Train_Test_IoT_Weather.csv",
    "ton_iot/Train_Test_IoT_Motion_Light.csv",
)


@pytest.mark.parametrize("name", FILES)
def test_chunks_of_a_file_are_the_file(shared_data: Path, name: str) -> None:
    whole = open_table(shared_data / name, overrides=Overrides(keep_sentinels=True))
    layout, readings = whole.layout, whole.readings
    expect = Expected(
        channels=layout.schema.names,
        time=layout.time,
        device=(layout.device,) if layout.device else (),
        time_format=layout.time_format,
        timezone=layout.timezone,
        missing=layout.missing,
    )
    batches: list[Batch] = []
    source = Tail.parse(f"{shared_data / name}?follow=no", expect)
    source.open(Book())
    while (batch := source.poll(333, 0.1)) is not None:
        batches.append(batch)
    source.close()
    full = [batch.arrivals for batch in batches if len(batch.arrivals)]
    assert [letter for batch in batches for letter in batch.dead] == []
    assert np.array_equal(np.concatenate([part.time for part in full]), readings.time)
    assert np.array_equal(np.concatenate([part.values for part in full]), readings.values, equal_nan=True)
    assert [part.devices[k] for part in full for k in part.device] == [whole.devices[k] for k in readings.device]
