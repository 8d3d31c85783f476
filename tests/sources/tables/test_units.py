from __future__ import annotations

import pytest

from tocsin.sources.tables._units import channel_of


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("Air temperature [K]", "K"),
        ("Rotational speed [rpm]", "rpm"),
        ("flow [m³/h]", "m³/h"),
        ("custom [foo]", "foo"),
        ("temp (°C)", "°C"),
        ("temp (C)", "°C"),
        ("power (mW)", "mW"),
        ("power (MW)", "MW"),
        ("pressure_bar", "bar"),
        ("pressureKpa", "kPa"),
        ("temperature_c", "°C"),
        ("voltage_v", "V"),
        ("humidity_pct", "%"),
        ("sensor_a", ""),
        ("phase_c", ""),
        ("CO(GT)", ""),
        ("PT08.S1(CO)", ""),
        ("bar", ""),
        ("temperature", ""),
    ],
)
def test_units(name: str, unit: str) -> None:
    channel = channel_of(name)
    assert (channel.name, channel.unit) == (name, unit)


def test_a_unit_that_is_known_needs_no_reading() -> None:
    assert channel_of("temp [K]", "°C").unit == "°C"
