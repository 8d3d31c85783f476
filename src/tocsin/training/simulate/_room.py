"""Normal readings of a room with a window and people in it: weather, working hours and what they do to five sensors.

No formula here is a model of building physics. Each keeps what a detector must cope with: rhythms by day and by week,
channels that move together, weather that lasts for days, noise that depends on the hour, bounds and resolution.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tocsin.core.arrays import BoolArray, FloatArray
from tocsin.training.simulate._series import follow, wander

CHANNELS = ("temperature", "humidity", "light", "loudness", "air_quality")
BEGIN = np.datetime64("2023-07-01T00:00:00")
PER_DAY = 144
"""Readings a day: one every ten minutes."""

_LATITUDE = np.radians(48.0)
_LOWEST = np.array([-20.0, 5.0, 0.0, 20.0, 0.0])
_HIGHEST = np.array([60.0, 100.0, 4000.0, 110.0, 500.0])
_STEP = np.array([0.1, 0.1, 1.0, 0.1, 1.0])


class Clock(NamedTuple):
    """Local time of each reading: day since the beginning, hour of the day, and whether people work."""

    day: FloatArray
    hour: FloatArray
    workday: BoolArray


class Weather(NamedTuple):
    """What all rooms share: daylight (0 to 1), how unsettled it is, and how warm, both about 0 with deviation 1."""

    daylight: FloatArray
    unsettled: FloatArray
    warmth: FloatArray


def clock(rows: int) -> Clock:
    """Return the local time of ``rows`` readings; the first is midnight before Saturday, 1 July 2023."""
    day = np.arange(rows) / PER_DAY
    return Clock(day, 24 * (day % 1), np.floor(day) % 7 >= 2)


def weather(when: Clock, rng: np.random.Generator) -> Weather:
    """Return weather that changes over days, with clouds that pass within hours."""
    rows = len(when.day)
    unsettled = wander(rows, 2 * PER_DAY, rng)
    clouds = _logistic(1.3 * unsettled + 0.8 * wander(rows, 8, rng) - 0.4)
    warmth = 0.85 * wander(rows, 3 * PER_DAY, rng) - 0.5 * unsettled
    return Weather(_sun(when) * (1 - 0.75 * clouds), unsettled, warmth)


def room(when: Clock, sky: Weather, rng: np.random.Generator) -> FloatArray:
    """Return ndarray of shape (rows, 5), float64: true values in °C, %, lux, dB and index points, :data:`CHANNELS`."""
    rows = len(when.day)
    people, rush = _people(when, rng), _rush(when)
    lamps = people * np.clip(1 - 2.5 * sky.daylight, 0, 1)
    light = (430 * sky.daylight + 190 * lamps) * (1 + 0.05 * wander(rows, 2, rng)) + 1.5
    indoors = follow(11 * sky.daylight + 1.3 * people, 15)
    temperature = 19.7 + 1.1 * sky.warmth + indoors + 0.22 * wander(rows, 10, rng)
    moisture = 2.6 * sky.unsettled + 2.2 * wander(rows, 2 * PER_DAY, rng) + 0.7 * wander(rows, 5, rng)
    humidity = 59 - 2.3 * (temperature - 22.5) + moisture + 1.8 * people
    loudness = 31.5 + 8 * people + 2 * rush + (0.5 + people) * wander(rows, 2, rng) + 0.5 * wander(rows, 40, rng)
    stale = 5 * people + 1.1 * (temperature - 22.5) + 5.5 * wander(rows, PER_DAY, rng)
    air = 62 + stale + 11 * rush + (1.2 + 1.5 * rush) * wander(rows, 3, rng)
    return np.column_stack([temperature, humidity, light, loudness, air])


def read_out(true: FloatArray) -> FloatArray:
    """Return what the sensors show of true values: within their bounds, rounded to 0.1 or, for light and air, to 1."""
    shown = np.round(np.clip(true, _LOWEST, _HIGHEST) / _STEP) * _STEP
    return np.asarray(np.round(shown, 1))


def deviation(values: FloatArray, when: Clock) -> FloatArray:
    """Return ndarray of shape (channels,), float64: the standard deviation about the daily rhythm.

    The rhythm is the mean reading at that time of day, taken for working days and free days apart.
    """
    _, slot = np.unique(np.round(when.hour * 60) + 10_000 * when.workday, return_inverse=True)
    count = np.bincount(slot)
    rhythm = np.column_stack([np.bincount(slot, channel) / count for channel in values.T])
    return np.asarray(np.std(values - rhythm[slot], axis=0))


def _sun(when: Clock) -> FloatArray:
    """Return the sine of the sun's height, 0 at night (declination after Cooper, Solar Energy 12, 1969)."""
    tilt = np.radians(23.45) * np.sin(2 * np.pi * (284 + 182 + when.day) / 365)
    hour_angle = np.pi * (when.hour - 12) / 12
    height = np.sin(_LATITUDE) * np.sin(tilt) + np.cos(_LATITUDE) * np.cos(tilt) * np.cos(hour_angle)
    return np.asarray(np.maximum(height, 0))


def _people(when: Clock, rng: np.random.Generator) -> FloatArray:
    """Return how busy the room is, about 0 to 1: working hours that differ a little from day to day, and a lunch."""
    late = rng.normal(0, 0.35, int(when.day[-1]) + 1)[when.day.astype(np.int64)]
    here = _logistic(3.5 * (when.hour - 8 - late)) * _logistic(2.5 * (17.3 + late - when.hour))
    lunch = 0.45 * np.exp(-(((when.hour - 12.4) / 0.5) ** 2))
    usual = np.where(when.workday, 1.0, 0.12)
    return np.maximum(usual * (here - lunch) * (1 + 0.12 * wander(len(when.day), 6, rng)), 0)


def _rush(when: Clock) -> FloatArray:
    """Return how dense the traffic outside is, 0 to 1; on free days there is little."""
    peaks = np.exp(-(((when.hour - 8.2) / 1.1) ** 2)) + 0.9 * np.exp(-(((when.hour - 17.8) / 1.4) ** 2))
    return np.asarray(peaks * np.where(when.workday, 1.0, 0.3))


def _logistic(x: FloatArray) -> FloatArray:
    return np.asarray(1 / (1 + np.exp(-x)))
