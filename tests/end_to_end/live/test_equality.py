"""A stream is judged as a file is: the same verdicts to the same bits, and incidents of the same names."""

from __future__ import annotations

from itertools import product

import pytest
from tests.end_to_end.live.conftest import MakeRun

from tocsin.testing.live_fleet import LiveFleet
from tocsin.testing.live_outcome import LiveOutcome

CASES = [
    pytest.param("mqtt", "postgres", 3),
    pytest.param("kafka", "sqlite", 1),
    *(
        pytest.param(*case, marks=pytest.mark.slow)
        for case in product(("mqtt", "kafka"), ("sqlite", "postgres"), (1, 3))
        if case not in (("mqtt", "postgres", 3), ("kafka", "sqlite", 1))
    ),
]


@pytest.mark.parametrize(("broker", "store", "workers"), CASES)
def test_a_stream_is_judged_as_its_file_is(
    broker: str, store: str, workers: int, make_run: MakeRun, fleet: LiveFleet, expected: LiveOutcome
) -> None:
    run = make_run(broker, store)
    for number in range(workers):
        run.watch(number=number, workers=workers)
    if broker == "mqtt":  # a topic of Kafka keeps what nobody has asked for yet, and may be shared out meanwhile
        for watch in run.watches:
            watch.ready()
    run.publish(fleet.messages())
    found = run.finish(expected)
    assert found == expected, expected.differences(found)
