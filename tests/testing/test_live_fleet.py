"""The numbered fleet: each reading has one name, the same in a table, a message and an array of messages."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np

from tocsin.testing.live_fleet import BEGIN, SECOND, LiveFleet

FLEET = LiveFleet(devices=3, readings=120)


def test_table_messages_and_arrays_hold_the_same_readings() -> None:
    table = [(time, device, *values) for time, device, *values in FLEET.table().iter_rows()]
    assert len(set(table)) == len(FLEET) == 360
    assert sorted(_told(each.topic, json.loads(each.payload)) for each in FLEET.messages()) == sorted(table)
    arrays = [_told(each.topic, one) for each in FLEET.arrays(50) for one in json.loads(each.payload)]
    assert sorted(arrays) == sorted(table)


def test_a_time_is_a_number() -> None:
    assert ((FLEET.times - BEGIN) // SECOND).tolist() == FLEET.numbers.tolist()
    assert FLEET.times[7 * 3 + 2] == BEGIN + 7 * SECOND
    assert FLEET.names[FLEET.owners[7 * 3 + 2]] == "room-2"


def test_values_have_three_decimals_and_the_faults_are_apart() -> None:
    assert np.array_equal(FLEET.values, np.round(FLEET.values, 3))
    calm = LiveFleet(devices=3, readings=120, faulty=False)
    assert 0 < (calm.values != FLEET.values).any(axis=1).sum() < len(FLEET) / 10


def _told(device: str, document: dict[str, float | str]) -> tuple[object, ...]:
    time = datetime.fromisoformat(str(document.pop("time"))).replace(tzinfo=None)
    return (time, device, *document.values())
