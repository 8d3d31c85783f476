"""How a watch is doing, in numbers that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

from tocsin.cli._pulse import Delivery, Pulse, Pulses
from tocsin.engine.live.meters import Meters

CALM = Pulse(
    readings=1_000, readings_s=123.4, lag_s=0.25, devices=1, batch=10.0, scoring_ms=2.0, waiting=0, dead=0,
    connected={"plant": True}, open={}, sinks=(Delivery("log", 3, 0, 0),), store_failures=0,
)  # fmt: skip


def test_a_line_tells_troubles_only_where_there_are_some() -> None:
    assert CALM.line() == "123 readings/s, lag 0.2 s, 1 device, 0 incidents open"
    troubled = Pulse(
        **{
            **vars(CALM),
            "open": {"anomaly": 1, "stale": 2},
            "waiting": 1_500,
            "dead": 2,
            "connected": {"plant": False},
            "sinks": (Delivery("desk", 0, 4, 9),),
            "store_failures": 1,
        }
    )
    assert troubled.line() == (
        "123 readings/s, lag 0.2 s, 1 device, 3 incidents open, 1,500 waiting, 2 dead letters, 1 store failures, "
        "plant not connected, desk: 4 waiting"
    )


def test_means_are_those_of_what_was_counted_since() -> None:
    meters = Meters()
    pulses = Pulses(meters, sinks=("log",))
    for rows, seconds in ((10, 0.002), (30, 0.006)):
        meters.observe("tocsin_batch_readings", rows, ("a",))
        meters.observe("tocsin_scoring_seconds", seconds, ("a",))
        meters.add("tocsin_readings_total", rows, ("a",))
    meters.set("tocsin_lag_seconds", 1.5, ("a",))
    meters.set("tocsin_lag_seconds", 4.5, ("b",))
    meters.set("tocsin_incidents_open", 2, ("stale",))
    meters.add("tocsin_sink_delivered_total", 7, ("log",))
    found = pulses.take()
    assert (found.batch, found.scoring_ms, found.readings) == (20.0, 4.0, 40)
    assert found.lag_s == 4.5
    assert found.open == {"stale": 2}
    assert found.sinks == (Delivery("log", 7, 0, 0),)


def test_a_watch_that_rests_has_a_rate_of_none() -> None:
    found = Pulses(Meters(), sinks=()).take()
    assert (found.readings_s, found.batch, found.scoring_ms, found.lag_s) == (0.0, 0.0, 0.0, 0.0)


def test_that_nothing_has_had_a_score_is_said_with_the_reason() -> None:
    warming = replace(CALM, statuses={"gap": 3, "warming": 1_200})
    assert warming.line().endswith("0 incidents open, no score yet: 1,200 warming, 3 gap")
    assert "no score" not in replace(CALM, statuses={"ok": 1, "warming": 1_200}).line()
