"""Where an artifact comes from: enough to judge it, and to make it again."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Provenance:
    """How an artifact was trained. Holds no wall-clock time: the same input, seed and machine give the same file.

    Parameters
    ----------
    detector
        Name of the detector.
    settings
        The detector's settings, as text.
    scale
        The scale that was folded into the graph.
    seed
        Seed of all chance in training.
    fingerprint
        SHA-256 over the readings' times, devices and values.
    rows, devices
        Readings and devices given.
    start, end
        First and last time in ns; row numbers where ``row_clock``.
    row_clock
        Were rows counted because the readings had no clock?
    windows
        Windows by part: training, validation, calibration, and those kept out.
    versions
        Versions of tocsin and the libraries that mattered.
    curves
        The training curve: one value an epoch by name.
    warnings
        What the person training was told.
    prepare
        The steps folded into the graph that add columns, in order, as the user wrote them.
    why
        What was chosen from the readings, and why, in plain sentences.
    """

    detector: str
    settings: dict[str, str]
    scale: str
    seed: int
    fingerprint: str
    rows: int
    devices: int
    start: int
    end: int
    row_clock: bool
    windows: dict[str, int]
    versions: dict[str, str]
    curves: dict[str, tuple[float, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    prepare: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
