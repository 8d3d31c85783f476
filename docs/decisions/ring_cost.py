"""What a reading costs in a ring that moves its window and in a mirrored one; see 0002-the-ring-moves-its-window.md."""

from __future__ import annotations

import timeit
from collections.abc import Callable

import numpy as np

CHANNELS = 5
WINDOWS = (10, 16, 64, 120, 256)


def moved(devices: int, length: int) -> Callable[[], object]:
    """Return a step that moves all windows by one reading, into new memory."""
    held = [np.zeros((devices, length, CHANNELS), np.float32)]
    reading = np.ones((devices, CHANNELS))

    def step() -> object:
        window = np.empty_like(held[0])
        window[:, :-1] = held[0][:, 1:]
        window[:, -1] = reading
        held[0] = window
        return window

    return step


def mirrored(devices: int, length: int) -> Callable[[], object]:
    """Return a step that writes each reading twice, in place, and reads the windows; each device at its own place."""
    ring = np.zeros((devices, 2 * length, CHANNELS), np.float32)
    reading, device, column = np.ones((devices, CHANNELS)), np.arange(devices), np.arange(length)
    place = [np.zeros(devices, np.int64)]

    def alone() -> object:
        at = int(place[0][0])
        ring[0, at] = ring[0, at + length] = reading[0]
        place[0][0] = (at + 1) % length
        return ring[:, at + 1 : at + 1 + length]

    def step() -> object:
        at = place[0]
        ring[device, at] = ring[device, at + length] = reading
        place[0] = (at + 1) % length
        return ring[device[:, None], (at + 1)[:, None] + column]

    return alone if devices == 1 else step


def cost(step: Callable[[], object], devices: int) -> float:
    """Return the least time of several runs, in µs a reading."""
    rounds = 20_000 if devices == 1 else 50
    return min(timeit.repeat(step, number=rounds, repeat=5)) / rounds / devices * 1e6


if __name__ == "__main__":
    for devices in (1, 1000):
        for length in WINDOWS:
            one, other = cost(moved(devices, length), devices), cost(mirrored(devices, length), devices)
            print(f"{devices:5} devices, window {length:3}: moved {one:.3f} µs, mirrored {other:.3f} µs a reading")
