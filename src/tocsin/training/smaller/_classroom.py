"""Where students learn: readings in parts, how they are seen, and the teacher's answers, made once for all students."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tocsin.artifact.artifact import Artifact
from tocsin.core.contracts import Threshold
from tocsin.core.errors import InputError
from tocsin.core.windows import Windows
from tocsin.engine.scorer import Scorer
from tocsin.explain.occlusion import spread_out
from tocsin.export.starting import starting_limit
from tocsin.graph.run import Runner
from tocsin.sources import Table
from tocsin.training.parts import Parts, split, windows_of
from tocsin.training.rule import threshold_of
from tocsin.training.settle import LEAST
from tocsin.training.smaller._answers import CUT, Answers
from tocsin.training.smaller._far import Far, probe
from tocsin.training.smaller._lesson import Lesson, lesson
from tocsin.training.smaller._sight import Sight

_BYTES = 96 << 20
"""Memory that the windows of a lesson may take."""

_LATER = 0.2
"""Windows to stop by, beside those to learn from."""

_PROBED = 32
"""Normal windows in which the teacher is asked what it makes of values far from normal."""

_TALL = 95
"""Where a teacher has no limit above its least score, the unit is this percentile of what it says of the lesson."""


@dataclass(frozen=True, eq=False)
class Classroom:
    """What all students of one teacher share.

    Parameters
    ----------
    teacher
        The artifact to learn from.
    table
        The readings, in order of time.
    parts
        The readings in parts.
    threshold
        The rule of the teacher's limit.
    sight
        How windows are seen.
    far
        What the teacher does far out, in units of the limit.
    base, unit
        The teacher's scores are ``base`` and ``unit`` times what the student learns.
    lesson, later
        What is learned from, and what tells when to stop.
    """

    teacher: Artifact
    table: Table
    parts: Parts
    threshold: Threshold
    sight: Sight
    far: Far
    base: float
    unit: float
    lesson: Lesson
    later: Lesson

    @property
    def limit(self) -> float:
        """The limit that the teacher begins with."""
        return starting_limit(self.teacher)

    @property
    def normal(self) -> Windows:
        """The normal windows that are learned from, in raw units."""
        return windows_of(self.parts.series, self.parts, length=self.teacher.window)

    def answers(self, lesson: Lesson) -> Answers:
        """Return the teacher's answers as a student is to give them."""
        n, none = len(lesson), np.zeros((len(lesson), 0), np.float32)
        expected = none if lesson.expected is None else np.clip(self.sight(lesson.expected), -CUT, CUT)
        by_channel = none if lesson.by_channel is None else lesson.by_channel / np.float32(self.unit)
        return Answers(((lesson.score - self.base) / self.unit).astype(np.float32).reshape(n), by_channel, expected)


def open_classroom(teacher: Artifact, table: Table, *, windows: int, seed: int) -> Classroom:
    """Prepare readings as the teacher's own were, put faults into some, and let the teacher answer.

    Parameters
    ----------
    teacher
        Any artifact.
    table
        Readings such as it was trained on; labelled anomalies are kept out.
    windows
        How many to learn from, at most.
    seed
        Of all chance.

    Raises
    ------
    InputError
        If there are too few complete normal windows.
    """
    ordered = table.in_time_order()
    ordered = replace(ordered, readings=Scorer(teacher).readings(ordered))
    threshold = threshold_of(teacher.calibration.threshold)
    parts = split(
        ordered,
        clock=teacher.clock,
        impute=teacher.impute,
        length=teacher.window,
        kinds=teacher.kinds,
        held_out=threshold.share if threshold.reference == "calibration" else 0.0,
    )
    _enough(parts, threshold, teacher.window)
    normal = windows_of(parts.series, parts, length=teacher.window)
    later = normal if normal.validation is None else normal.validation
    runner, sight = Runner(teacher.graph), Sight.of(normal, teacher.kinds)
    most = min(windows, _BYTES // (4 * normal.length * len(sight.owner)))
    lessons = [
        lesson(runner, some, most=round(most * share), units=sight.units, blend=not k, seed=seed + k)
        for k, (some, share) in enumerate(((normal, 1.0), (later, _LATER)))
    ]
    limit = starting_limit(teacher)
    base, unit = _measure(lessons[0], limit)
    far = probe(runner, spread_out(normal, most=_PROBED), sight, limit=limit, base=base)
    return Classroom(teacher, ordered, parts, threshold, sight, far.over(unit), base, unit, *lessons)


def _measure(lesson: Lesson, limit: float) -> tuple[float, float]:
    """Return the least score that is to be told, and the unit in which what lies above it is learned.

    Shares sum up to the score, so where there are shares nothing can be taken off it.
    """
    base = 0.0 if lesson.by_channel is not None else float(lesson.score.min())
    tall = float(np.percentile(lesson.score, _TALL)) - base
    return base, limit - base if np.isfinite(limit) and limit - base > 1e-3 * tall else max(tall, 1e-12)


def _enough(parts: Parts, threshold: Threshold, length: int) -> None:
    needed = [("training", parts.training, LEAST)]
    if threshold.reference == "calibration":
        needed.append(("calibration", parts.calibration, 1))
    for name, end, least in needed:
        if len(end) < least:
            raise InputError(
                f"There are too few readings: only {len(end)} complete normal windows of {length} readings lie in the "
                f"{name} part.",
                remedy="Give more readings, such as those that the teacher was trained on.",
            )
