"""Traffic of a town's devices: how many packets they send and get, how large, how far apart, how strong the signal.

All devices are simulated at once, reading by reading. As elsewhere, no formula is a model of a network; each keeps what
a detector must cope with: device types with levels and rhythms of their own, bursts, fading, and attacks that look much
like bursts and fading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.core.arrays import FloatArray, IntArray
from tocsin.training.simulate._drift import Drift

PER_DAY = 144
"""Readings a day: one every ten minutes, so that 24 devices give 630,000 in half a year."""


class DeviceType(NamedTuple):
    """What is usual for a type: packets a reading, share of them that follows the day, burstiness, packet size."""

    name: str
    packets: float
    day: float
    bursts: float
    size: float


TYPES = (
    DeviceType("camera", 3000, 0.30, 0.12, 900),
    DeviceType("thermostat", 150, 0.15, 0.20, 120),
    DeviceType("doorbell", 600, 0.50, 0.35, 450),
    DeviceType("meter", 80, 0.05, 0.15, 180),
    DeviceType("street_lamp", 220, 0.60, 0.20, 90),
    DeviceType("gateway", 5000, 0.45, 0.18, 400),
)
KINDS = ("flooding", "data_injection", "man_in_the_middle")
LENGTHS = {"flooding": (1, 12), "data_injection": (6, 24), "man_in_the_middle": (10, 30)}
_SMALL = 60.0
"""Bytes of a packet that only floods."""


@dataclass(frozen=True, eq=False)
class Traffic:
    """What happens in each reading of each device; ndarrays of shape (readings, devices), float64.

    Parameters
    ----------
    sent, got
        Packets a reading.
    size_sent, size_got
        Their mean size in bytes.
    gap
        Mean time between two packets sent, in ms.
    signal
        Received signal strength, 0 to 100.
    """

    sent: FloatArray
    got: FloatArray
    size_sent: FloatArray
    size_got: FloatArray
    gap: FloatArray
    signal: FloatArray

    def streams(self, names: Sequence[str]) -> FloatArray:
        """Return some of them as ndarray of shape (streams, readings, devices)."""
        return np.stack([getattr(self, name) for name in names])


@dataclass(frozen=True, eq=False)
class Attacks:
    """All attacks on all devices, one entry each: ndarrays of shape (attacks,).

    Parameters
    ----------
    device, start, length, kind
        int64; the kind is a place in :data:`KINDS`.
    size, way
        float64: how strong it is, in deviations of the device's own stream; and which way, 1 or -1.
    """

    device: IntArray
    start: IntArray
    length: IntArray
    kind: IntArray
    size: FloatArray
    way: FloatArray

    def rows(self) -> tuple[IntArray, IntArray, IntArray]:
        """Return for each attacked reading: the attack, the reading, and how manieth of the attack it is (from 0)."""
        which = np.repeat(np.arange(len(self.start)), self.length)
        first = np.repeat(np.cumsum(self.length) - self.length, self.length)
        nth = np.arange(len(which)) - first
        return which, self.start[which] + nth, nth


def types_of(devices: int) -> npt.NDArray[np.int64]:
    """Return each device's place in :data:`TYPES`: all types in turn."""
    return np.arange(devices) % len(TYPES)


def usual(readings: int, devices: int, rng: np.random.Generator) -> Traffic:
    """Return what each device does on average at that time of day."""
    kind = types_of(devices)
    packets, day, size = (np.array([getattr(t, name) for t in TYPES])[kind] for name in ("packets", "day", "size"))
    level = packets * rng.lognormal(0, 0.3, devices)
    phase = np.where(kind == 4, 0.0, 0.55) + rng.normal(0, 0.03, devices)
    wave = np.cos(2 * np.pi * ((np.arange(readings) / PER_DAY)[:, None] - phase))
    sent = level * (1 + day * wave)
    flat = np.ones((readings, 1))
    size = size * rng.lognormal(0, 0.1, devices)
    return Traffic(
        sent=sent,
        got=rng.uniform(0.4, 0.9, devices) * sent,
        size_sent=size * flat,
        size_got=size * rng.uniform(0.2, 0.8, devices) * flat,
        gap=600_000 / sent,
        signal=rng.uniform(58, 88, devices) * flat,
    )


def normal(expected: Traffic, rng: np.random.Generator) -> Traffic:
    """Return what normally happens about the usual: bursts that last, sizes that vary, a signal that fades."""
    readings, devices = expected.sent.shape
    burst, fading, sizes = _wanders(readings, devices, (5.0, 12.0, 30.0), rng)
    noise = rng.standard_normal((4, readings, devices))
    strength = np.array([t.bursts for t in TYPES])[types_of(devices)]
    busy = strength * (0.75 * burst + 0.65 * noise[0])
    sent = expected.sent * np.exp(busy)
    return Traffic(
        sent=sent,
        got=expected.got * np.exp(0.9 * busy + 0.08 * noise[1]),
        size_sent=expected.size_sent * np.exp(0.06 * sizes + 0.05 * busy),
        size_got=expected.size_got * np.exp(0.05 * sizes + 0.04 * noise[2]),
        gap=600_000 / sent * np.exp(0.05 * noise[1]),
        signal=expected.signal + 2.2 * fading + 1.2 * noise[3] - 2.0 * busy,
    )


def moved(traffic: Traffic, unit: Traffic, drift: Drift, rng: np.random.Generator) -> Traffic:
    """Return the traffic after a slow change of how much is sent and how strong the signal is, device by device."""
    sent, signal = traffic.sent.copy(), traffic.signal.copy()
    for device in range(sent.shape[1]):
        deviation = np.array([unit.sent[0, device], unit.signal[0, device]])
        shift = drift.shift(len(sent), deviation, rng=rng)
        sent[:, device] = np.maximum(sent[:, device] + shift[:, 0], 0.1 * sent[:, device])
        signal[:, device] += shift[:, 1]
    ratio = sent / traffic.sent
    return replace(traffic, sent=sent, got=traffic.got * ratio, gap=traffic.gap / ratio, signal=signal)


def read_out(traffic: Traffic) -> Traffic:
    """Return what is shown: whole packets, and a signal from 0 to 100, rounded to 0.1."""
    bounded: FloatArray = np.clip(traffic.signal, 0, 100)
    return replace(traffic, sent=np.rint(traffic.sent), signal=np.round(bounded, 1))


def spread(actual: Traffic, expected: Traffic) -> Traffic:
    """Return each stream's standard deviation about the usual, of shape (1, devices): the unit of sizes."""
    names = list(Traffic.__dataclass_fields__)
    found = np.std(actual.streams(names) - expected.streams(names), axis=1, keepdims=True)
    return Traffic(*found)


def attacked(calm: Traffic, expected: Traffic, unit: Traffic, attacks: Attacks) -> Traffic:
    """Return the traffic under attack; see :class:`tocsin.training.simulate.network.Network` for what each does."""
    streams = {name: getattr(calm, name).copy() for name in Traffic.__dataclass_fields__}
    which, row, nth = attacks.rows()
    for code, change in enumerate((_flood, _inject, _listen_in)):
        of = attacks.kind[which] == code
        attack, place = which[of], (row[of], attacks.device[which[of]])
        hit = _Hit(
            now=_at(place, calm),
            mean=_at(place, expected),
            unit=_at((np.zeros_like(place[0]), place[1]), unit),
            push=attacks.size[attack],
            way=attacks.way[attack],
            nth=nth[of],
            before=calm.sent[np.maximum(place[0] - 1, 0), place[1]],
        )
        for name, values in change(hit).items():
            streams[name][place] = values
    return Traffic(**streams)


class _Hit(NamedTuple):
    """The attacked readings of one kind, n in all: what happens there, usually happens there, and the attack's part.

    ``push`` is the size in deviations, ``way`` 1 or -1, ``nth`` counts an attack's readings from 0, ``before`` is what
    the device sent in the reading before; ndarrays of shape (n,).
    """

    now: Traffic
    mean: Traffic
    unit: Traffic
    push: FloatArray
    way: FloatArray
    nth: IntArray
    before: FloatArray


def _at(place: tuple[IntArray, IntArray], traffic: Traffic) -> Traffic:
    return Traffic(**{name: getattr(traffic, name)[place] for name in Traffic.__dataclass_fields__})


def _flood(hit: _Hit) -> dict[str, FloatArray]:
    """Send more and more small packets, which get no answer and crowd the air."""
    now, more = hit.now, hit.push * hit.unit.sent * (1 - 0.5 ** (hit.nth + 1))
    sent = now.sent + more
    return {
        "sent": sent,
        "size_sent": (now.sent * now.size_sent + more * _SMALL) / sent,
        "gap": now.gap * now.sent / sent,
        "signal": now.signal - 0.3 * hit.push * hit.unit.signal,
    }


def _inject(hit: _Hit) -> dict[str, FloatArray]:
    """Put made-up packets beside the real ones: a steady stream of a size of its own that hides the usual bursts."""
    now, mean = hit.now, hit.mean
    sent = np.maximum(mean.sent + 0.35 * (now.sent - mean.sent) + 0.6 * hit.push * hit.unit.sent, 1)
    return {
        "sent": sent,
        "size_sent": np.maximum(now.size_sent + hit.way * hit.push * hit.unit.size_sent, 40),
        "gap": now.gap * now.sent / sent,
    }


def _listen_in(hit: _Hit) -> dict[str, FloatArray]:
    """Pass everything on, from another place, and a little late."""
    return {
        "sent": 0.65 * hit.now.sent + 0.35 * hit.before,
        "gap": hit.now.gap + 0.6 * hit.push * hit.unit.gap,
        "signal": hit.now.signal + hit.way * hit.push * hit.unit.signal,
    }


def _wanders(readings: int, devices: int, steps: Sequence[float], rng: np.random.Generator) -> FloatArray:
    """Return first-order autoregressive series of deviation 1, one of each memory in readings for each device.

    ndarray of shape (memories, readings, devices), float64; all devices go along together.
    """
    keep = np.exp(-1 / np.asarray(steps))[:, None]
    news = rng.standard_normal((readings, len(steps), devices))
    news[1:] *= np.sqrt(1 - keep**2)
    for k in range(1, readings):
        news[k] += keep * news[k - 1]
    return np.ascontiguousarray(news.transpose(1, 0, 2))
