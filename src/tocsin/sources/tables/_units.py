"""Reading units out of column names such as "Air temperature [K]" or "pressure_bar"."""

from __future__ import annotations

import re

from tocsin.core.schema import Channel
from tocsin.sources.tables._names import plain

_PROPER = (
    "K °C °F % %RH bar mbar Pa hPa kPa MPa psi rpm Nm min s ms µs h V mV kV A mA mW W kW MW Wh kWh MWh Hz kHz "
    "MHz lux ppm ppb dB dBA m/s m/s² m/s2 mm/s km/h g mg kg t µm mm cm m km l L l/min l/h l/s m³/h m3/h m³ "
    "µg/m³ ug/m3 mg/m3 g/m3 Ω"
)
_OTHERWISE = {
    "c": "°C", "deg c": "°C", "degc": "°C", "deg_c": "°C", "celsius": "°C", "°c": "°C", "kelvin": "K", "f": "°F",
    "degf": "°F", "deg_f": "°F", "fahrenheit": "°F", "percent": "%", "pct": "%", "lx": "lux", "volt": "V", "volts": "V",
    "amps": "A", "watt": "W", "watts": "W", "hertz": "Hz", "us": "µs", "lpm": "l/min",
}  # fmt: skip
_SPELLED = frozenset(_PROPER.split())
_UNITS = {unit.lower(): unit for unit in _PROPER.split()} | _OTHERWISE
_ENDINGS = (
    "degc deg_c celsius kelvin degf deg_f fahrenheit percent pct bar mbar pa hpa kpa mpa psi rpm nm mv kv ma kw kwh "
    "wh hz khz lux lx ppm ppb db dba ms lpm volt volts amps watt watts hertz mm cm kg"
)
_WORDS = frozenset(_ENDINGS.split())
"""Endings that mean a unit behind any name."""

_LETTERS = {"c": "temp", "f": "temp", "k": "temp", "v": "volt", "a": "current", "w": "power"}
"""Single letters mean a unit only behind the quantity they belong to: sensor_a is no current."""


def channel_of(name: str, unit: str = "") -> Channel:
    """Return the channel of a column, its unit read from the name unless it is given.

    >>> [channel_of(name).unit for name in ("Air temperature [K]", "temp (°C)", "pressure_bar", "temp_c", "CO(GT)")]
    ['K', '°C', 'bar', '°C', '']
    """
    return Channel(name, unit or _unit_of(name))


def _unit_of(name: str) -> str:
    if found := re.search(r"\[([^\[\]]{1,12})\]\s*$", name):
        inside = found[1].strip()
        return inside if inside in _SPELLED else _UNITS.get(inside.lower(), inside)
    if found := re.search(r"\(([^()]{1,12})\)\s*$", name):
        inside = found[1].strip()
        return inside if inside in _SPELLED else _UNITS.get(inside.lower(), "")
    return _ending(plain(name))


def _ending(spelled: str) -> str:
    stem, _, last = spelled.rpartition("_")
    if not stem:
        return ""
    if last in _WORDS:
        return _UNITS[last]
    return _UNITS[last] if last in _LETTERS and _LETTERS[last] in stem else ""
